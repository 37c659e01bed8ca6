"""`ripeline explain`: every point of a score, with its rule and the events behind it."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ripeline.cli import screen

if TYPE_CHECKING:
    from ripeline.decide.explain import Part
    from ripeline.sweep.explaining import Explained


def explain(
    lead: Annotated[str, typer.Argument(help="A lead's id or address.")],
    at: Annotated[str | None, typer.Option(help="A past instant, such as 2026-03-02T09:00Z: the score as it was then, from what was known then.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON for a program, with every single event.")] = False,
) -> None:
    """Say why a lead has its score: each rule that gave or took points, the events behind it, what age and limits took away.

    The parts sum to the total exactly. It is computed afresh from the facts; where the stored score differs, because time went by or news came
    in since the last `ripeline run rescore`, both are shown.
    """
    from ripeline.database import database_now
    from ripeline.sweep.explaining import explain_lead

    with screen.session(writes=False) as session:
        found = screen.find_lead(session, lead)
        assert found.id is not None, "a stored lead has an id"
        moment = screen.instant(at) or database_now(session)
        told = explain_lead(session, found.id, moment, is_past=at is not None)
        heading = f"{found.id}  {found.address}"
    if json:
        screen.show_json(_as_json(told))
        return
    screen.say(heading)
    _show(told)


def _show(told: "Explained") -> None:
    from ripeline.decide.points import told as signed

    why = told.explanation
    where = f", market {told.market}" if told.market else ""
    screen.say(f"grade {why.grade}, as of {why.as_of:%Y-%m-%d %H:%M}Z by card {told.version[:12]}{where}\n")
    rows = [(signed(part.points), _name(part), _behind(part)) for part in why.parts]
    screen.table(["points", "for", "behind it"], [*rows, (_plain(why.total), "total", f"fit {_plain(why.fit)}, engagement {_plain(why.engagement)}")])
    if why.next_review_at:
        screen.say(f"\nLooked at again by {why.next_review_at:%Y-%m-%d %H:%M}Z, if nothing happens before.")
    stored = told.stored
    if stored is None:
        screen.say("No score is stored yet: `ripeline run rescore`.")
    elif (stored.total, stored.grade) != (why.total, why.grade):
        screen.say(f"Stored: {_plain(stored.total)}, grade {stored.grade}, as of {stored.as_of:%Y-%m-%d %H:%M}Z.")


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
        return ""
    count = len(part.evidence)
    said = [f"{count} event{'' if count == 1 else 's'}, the newest {part.evidence[0].at:%Y-%m-%d %H:%M}Z"]
    if part.faded:
        said.append(f"fresh {_plain(part.points + part.faded)}")
    return "; ".join(said)


def _plain(hundredths: int) -> str:
    from ripeline.decide.points import to_points

    return f"{to_points(hundredths):g}"


def _as_json(told: "Explained") -> dict[str, Any]:
    from ripeline.decide.points import to_points

    why, stored = told.explanation, told.stored
    scores = {name: to_points(getattr(why, name)) for name in ("total", "fit", "engagement")}
    return {
        **scores,
        "grade": why.grade,
        "excluded": why.excluded,
        "market": told.market,
        "as_of": why.as_of.isoformat(),
        "next_review_at": why.next_review_at and why.next_review_at.isoformat(),
        "version": told.version,
        "playbook": told.playbook,
        "parts": [_part_as_json(part) for part in why.parts],
        "stored": stored and {"total": to_points(stored.total), "grade": stored.grade, "as_of": stored.as_of.isoformat(), "version": stored.version},
    }


def _part_as_json(part: "Part") -> dict[str, Any]:
    from ripeline.decide.points import to_points

    events = [{"id": each.id, "at": each.at.isoformat(), "fresh": to_points(each.fresh), "given": to_points(each.given)} for each in part.evidence]
    return {"kind": part.kind.value, "section": part.section, "name": part.name, "points": to_points(part.points), "events": events}
