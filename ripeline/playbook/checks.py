"""What the parts of a playbook must be to each other: each room finds its own problems, this page names file and line."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from ripeline.decide.condition import BadCondition, Condition, parse_condition
from ripeline.decide.example import run_examples
from ripeline.decide.fields import STANDING, Field
from ripeline.decide.handoff_check import check_handoff
from ripeline.decide.points import HUNDREDTHS
from ripeline.decide.problem import Problem
from ripeline.decide.scorecard import Scorecard
from ripeline.decide.scorecard_check import check_scorecard
from ripeline.letter.checking import letter_faults
from ripeline.playbook.finding import Finding, did_you_mean
from ripeline.playbook.playbook import CARD, Playbook
from ripeline.playbook.positions import line_of, positions
from ripeline.playbook.reading import read_toml
from ripeline.zones import zone_names


def check_playbook(playbook: Playbook) -> list[Finding]:
    """Return every finding about a playbook whose files can each be read."""
    return list(chain(_cards(playbook), _tracks(playbook), _stages(playbook), _markets(playbook), _sales(playbook)))


def check_letters(files: Mapping[str, str], fields: Iterable[str]) -> Iterator[Finding]:
    """Give a finding for every letter, page or catalogue that could not go out; `fields` are the declared lead attributes."""
    return (Finding(fault.template, fault.line or 0, fault.what) for fault in letter_faults(files, fields))


def _cards(playbook: Playbook) -> Iterator[Finding]:
    yield from _card(playbook, CARD, playbook.scorecard)
    for path in playbook.files:
        if path.startswith("playbook/scoring/") and path.endswith(".toml") and path != CARD:
            findings: list[Finding] = []
            card = read_toml(path, playbook.files[path], Scorecard, findings)
            yield from findings if card is None else _card(playbook, path, card)


def _card(playbook: Playbook, path: str, card: Scorecard) -> Iterator[Finding]:
    problems = check_scorecard(card, playbook.fields, playbook.lists)
    yield from _placed(playbook, path, problems)
    if not any(not problem.is_warning for problem in problems):
        yield from _placed(playbook, path, run_examples(card, playbook.fields, playbook.lists))


def _sales(playbook: Playbook) -> Iterator[Finding]:
    thresholds = {name: round(market.handoff.invite_at * HUNDREDTHS) for name, market in playbook.markets.items() if market.handoff.invite_at is not None}
    yield from _placed(playbook, "playbook/handoff.toml", check_handoff(playbook.handoff, frozenset(zone_names()), market_invite_at=thresholds))


def _tracks(playbook: Playbook) -> Iterator[Finding]:
    if not playbook.tracks:
        yield Finding("playbook/tracks/", 0, "no track: nobody would get any mail.", "Write at least one file there.")
    for name, track in playbook.tracks.items():
        path = f"playbook/tracks/{name}.toml"
        asked = {("enter", "when"): track.enter.when, ("leave", "when"): track.leave.when, ("leave", "goal"): track.leave.goal}
        for place, text in asked.items():
            yield from _condition(playbook, path, place, f"{place[0]}", text)
        for number, touch in enumerate(track.touches):
            if touch.folder not in playbook.templates:
                at = ("touch", number, "template" if touch.template else "name")
                have = f"{did_you_mean(touch.folder, playbook.templates)} (templates/email/ has {len(playbook.templates)})".strip()
                yield _finding(playbook, path, Problem(at, f"touch '{touch.name}': no template '{touch.folder}'.", have))


def _stages(playbook: Playbook) -> Iterator[Finding]:
    path = "playbook/stages.toml"
    for stage, rule in playbook.stages.rules.items():
        yield from _condition(playbook, path, (stage.value, "enter"), stage.value, rule.enter)
        yield from _condition(playbook, path, (stage.value, "leave"), stage.value, rule.leave)
        for kind in rule.on:
            if kind not in playbook.fields.event:
                yield _finding(playbook, path, Problem((stage.value, "on"), f"{stage.value}: unknown event '{kind}'.", did_you_mean(kind, playbook.fields.event)))
    if playbook.stages.on_hold:
        yield from _condition(playbook, path, ("on_hold", "when"), "on_hold", playbook.stages.on_hold.when)


def _markets(playbook: Playbook) -> Iterator[Finding]:
    rules = {rule.name for rule in playbook.scorecard.rules}
    for name, market in playbook.markets.items():
        path = f"playbook/markets/{name}.toml"
        yield from _condition(playbook, path, ("when",), f"market '{name}'", market.when, playbook.fields.lead)
        named = [(("scoring", "change", rule), rule) for rule in market.scoring.change] + [(("scoring", "switch_off"), rule) for rule in market.scoring.switch_off]
        for place, rule in named:
            if rule not in rules:
                yield _finding(playbook, path, Problem(place, f"market '{name}': the scorecard has no rule '{rule}'.", did_you_mean(rule, rules)))


def _condition(
    playbook: Playbook, path: str, place: tuple[str | int, ...], owner: str, text: str | None, names: Mapping[str, Field] | None = None
) -> Iterator[Finding]:
    if text is None:
        return
    try:
        condition = parse_condition(text, names or {**playbook.fields.lead, **STANDING}, playbook.fields.event, playbook.lists)
    except BadCondition as bad:
        yield _finding(playbook, path, Problem(place, f"{owner}: {bad.what}.", bad.remedy))
        return
    for said in chain(condition.cautions, _gaps(condition)):
        yield _finding(playbook, path, Problem(place, f"{owner}: {said}", is_warning=True))


def _gaps(condition: Condition) -> Iterator[str]:
    """Totals have hundredths: BETWEEN 50 AND 74 leaves out 74.50, which nobody means."""
    if " BETWEEN " in condition.text.upper() and condition.boundaries:
        yield "BETWEEN over points leaves out what lies between two whole numbers, such as 74.50. Write total >= 50 AND total < 75."


def _placed(playbook: Playbook, path: str, problems: Iterable[Problem]) -> Iterator[Finding]:
    return (_finding(playbook, path, problem) for problem in problems)


def _finding(playbook: Playbook, path: str, problem: Problem) -> Finding:
    return Finding(path, line_of(positions(playbook.files[path]), problem.place), problem.what, problem.remedy, problem.is_warning)
