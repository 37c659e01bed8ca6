"""`ripeline explain`: every point of a score, with its rule and the events behind it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ripeline.cli import screen

if TYPE_CHECKING:
    from ripeline.decide.evidence import Evidence
    from ripeline.decide.explain import Part
    from ripeline.sweep.explaining import Explained
    from ripeline.sweep.withholding import Withheld

MOST_EVENTS = 5
"""So many events of a rule a person is shown; a program gets all."""

MOST_DIGITS = 1e6
"""Below it, a number is shown without what would only be zeros."""


def explain(
    lead: Annotated[str, typer.Argument(help="A lead's id or address.")],
    at: Annotated[str | None, typer.Option(help="An instant, such as 2026-03-02T09:00Z: the score then, from what was known then, by the card then.")] = None,
    hindsight: Annotated[bool, typer.Option("--hindsight", help="With --at: from what is known since, late events and corrections included.")] = False,
    shadow: Annotated[bool, typer.Option("--shadow", help="By the card in shadow, on whose scores nobody acts.")] = False,
    to: Annotated[float | None, typer.Option(min=-10_000, max=10_000, help="Which actions or facts would take it to this total, and when it falls.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON for a program, with every single event.")] = False,
) -> None:
    """Say why a lead has its score: each rule that gave or took points, the events behind it, what age, limits and caps took away.

    The parts sum to the total exactly. It is computed afresh from the facts; the stored score stands beside it, with its own instant: time goes by,
    and news come in until the next `ripeline run rescore`.

    `--to 75` adds the cheapest sets of actions and facts that reach 75, each proven by scoring it, and when age alone takes the lead below each
    boundary it is above; with --at, seen from that instant.

    Examples: `ripeline explain ada@example.com --at 2026-03-02T09:00Z`, `ripeline explain ada@example.com --to 75`
    """
    from models import Role
    from ripeline.cli import supposed
    from ripeline.database import database_now
    from ripeline.sweep.explaining import explain_lead
    from ripeline.sweep.supposing import Supposed, suppose
    from ripeline.sweep.withholding import Withheld
    from ripeline.values import Refusal

    moment = screen.instant(at)
    if hindsight and moment is None:
        raise Refusal("--hindsight looks back at an instant: give it with --at, such as --at 2026-03-02T09:00Z")
    with screen.session(writes=False) as session:
        found = screen.find_lead(session, lead)
        assert found.id is not None, "a stored lead has an id"
        now, role = database_now(session), Role.SHADOW if shadow else Role.LIVE
        told = explain_lead(session, found.id, now, at=moment, hindsight=hindsight, role=role)
        ahead = None if to is None else suppose(session, found.id, round(to * 100), now, at=moment, hindsight=hindsight, role=role)
        heading = f"{found.id}  {found.address}"
    if json:
        more = supposed.as_json(ahead) if isinstance(ahead, Supposed) else {}
        screen.show_json(_withheld_as_json(told) if isinstance(told, Withheld) else _as_json(told) | more)
        return
    screen.say(heading)
    if isinstance(told, Withheld):
        screen.say(f"no score: the lead {told}")
    else:
        _show(told, "then" if moment else "now")
    if isinstance(ahead, Supposed):
        supposed.show(ahead)


def _show(told: "Explained", when: str) -> None:
    from ripeline.decide.chance import chance_told

    why = told.explanation
    screen.say(f"{f'market {told.market}' if told.market else 'no market: the card everywhere'}, by playbook {told.playbook[:12]}")
    screen.say("")
    screen.table(["", "total", "fit", "engagement", "grade", "as of", "card"], list(_standing(told, when)))
    if told.stored is None:
        screen.say("No score is stored yet: `ripeline run rescore`.")
    screen.say("")
    rows = [row for part in why.parts for row in _rows(part)]
    screen.table(["points", "for", "behind it"], [*rows, (_plain(why.total), "total", f"fit {_plain(why.fit)}, engagement {_plain(why.engagement)}")])
    if told.events_left_out:
        screen.say(f"\nOf a crowd of events only the newest count: {told.events_left_out:,} older ones that the card asks for give nothing. Is this a program?")
    if told.chance is not None:
        screen.say(f"\nChance, by the card: {chance_told(told.chance)} ({told.chance_of}).")
    if why.next_review_at:
        screen.say(f"\nLooked at again by {why.next_review_at:%Y-%m-%d %H:%M}Z, if nothing happens before.")


def _standing(told: "Explained", when: str) -> Iterator[tuple[Any, ...]]:
    why, stored = told.explanation, told.stored
    yield when, _plain(why.total), _plain(why.fit), _plain(why.engagement), why.grade, why.as_of, told.version[:12]
    if stored:
        yield "stored", _plain(stored.total), _plain(stored.fit), _plain(stored.engagement), stored.grade, stored.as_of, stored.version[:12]


def _rows(part: "Part") -> Iterator[tuple[str, str, str]]:
    from ripeline.decide.points import told as signed

    yield signed(part.points), _name(part), _behind(part)
    yield from (("", "", _event(each)) for each in part.evidence[:MOST_EVENTS])
    if len(part.evidence) > MOST_EVENTS:
        yield "", "", f"… and {len(part.evidence) - MOST_EVENTS:,} earlier: --json tells all"


def _name(part: "Part") -> str:
    from ripeline.decide.explain import PartKind

    match part.kind:
        case PartKind.RULE:
            return part.name
        case PartKind.LIMIT:
            return f"limit of '{part.name}'"
        case PartKind.GROUP:
            return f"bounds of group '{part.name}'"
        case PartKind.BOUNDS:
            return "bounds of the total"
        case PartKind.EXCLUSION:
            return f"excluded: {part.name}"


def _behind(part: "Part") -> str:
    if not part.evidence:
        return ", ".join(f"{name}: {_value(value)}" for name, value in part.known.items())
    count = len(part.evidence)
    fresh = f", fresh {_plain(part.points + part.faded)}" if part.faded else ""
    return f"{count} event{'' if count == 1 else 's'}{fresh}"


def _event(each: "Evidence") -> str:
    said = "".join(f" {name}={_value(value)}" for name, value in each.said.items())
    decayed = f"{_plain(each.fresh)} × {each.factor:.4f} = " if each.factor != 1 else ""
    return f"{each.at:%Y-%m-%d %H:%M}Z {each.kind}{said}: {decayed}{_plain(each.given)}"


def _value(value: object) -> str:
    """Return what is known as people read it."""
    from datetime import datetime

    if value is None:
        return "unknown"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}Z"
    return f"{value:g}" if isinstance(value, float) and abs(value) < MOST_DIGITS else str(value)


def _plain(hundredths: int) -> str:
    from ripeline.decide.points import to_points

    return str(to_points(hundredths))


def _withheld_as_json(told: "Withheld") -> dict[str, Any]:
    nothing = dict.fromkeys(("total", "fit", "engagement", "grade"))
    return {**nothing, "withheld": told.because, "since": told.since, "parts": [], "stored": None}


def _as_json(told: "Explained") -> dict[str, Any]:
    from ripeline.decide.points import to_points

    why, stored = told.explanation, told.stored
    names = ("total", "fit", "engagement")
    return {
        **{name: to_points(getattr(why, name)) for name in names},
        "grade": why.grade,
        "excluded": why.excluded,
        "chance": None if told.chance is None else round(told.chance, 6),
        "withheld": None,
        "events_left_out": told.events_left_out,
        "market": told.market,
        "as_of": why.as_of,
        "next_review_at": why.next_review_at,
        "version": told.version,
        "playbook": told.playbook,
        "parts": [_part_as_json(part) for part in why.parts],
        "stored": stored
        and {name: to_points(getattr(stored, name)) for name in names} | {"grade": stored.grade, "as_of": stored.as_of, "version": stored.version},
    }


def _part_as_json(part: "Part") -> dict[str, Any]:
    from ripeline.decide.points import to_points

    told = {"kind": part.kind.value, "section": part.section, "name": part.name, "points": to_points(part.points), "known": dict(part.known)}
    return told | {"events": [_event_as_json(each) for each in part.evidence]}


def _event_as_json(each: "Evidence") -> dict[str, Any]:
    from ripeline.decide.points import to_points

    said = {"id": each.id, "at": each.at, "kind": each.kind, "said": dict(each.said)}
    return said | {"fresh": to_points(each.fresh), "factor": each.factor, "given": to_points(each.given)}
