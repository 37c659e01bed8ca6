"""What the parts of a playbook must be to each other: each room finds its own problems, this page names file and line."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from itertools import chain

from models.lead import Stage
from ripeline.decide.condition import BadCondition, Condition, parse_condition
from ripeline.decide.example import run_examples
from ripeline.decide.fields import IN_A_TRACK, STANDING, Field
from ripeline.decide.handoff_check import check_handoff
from ripeline.decide.market_check import check_overlaps
from ripeline.decide.points import HUNDREDTHS
from ripeline.decide.problem import Problem
from ripeline.decide.scorecard import Scorecard
from ripeline.decide.scorecard_check import check_scorecard
from ripeline.decide.staging import Read
from ripeline.decide.timing_check import check_limits, check_market_timing, check_track_timing
from ripeline.decide.touch_check import Ground, check_condition, check_days
from ripeline.decide.track_check import check_tracks, touch_names
from ripeline.letter.check import confined_faults
from ripeline.letter.folder import is_locale
from ripeline.letter.meta import Meta
from ripeline.letter.writing import asked_conditions
from ripeline.playbook.finding import Finding, Unfit, did_you_mean
from ripeline.playbook.maps import check_imports
from ripeline.playbook.overlays import check_overlay
from ripeline.playbook.playbook import CARD, CONTENT, RATES, Playbook
from ripeline.playbook.positions import line_of, positions
from ripeline.playbook.reading import read_toml
from ripeline.playbook.telling import declared_fields
from ripeline.zones import zone_names

Progress = Callable[[int, int], None]


def check_playbook(playbook: Playbook) -> list[Finding]:
    """Return every finding about a playbook whose files can each be read."""
    maps = check_imports(playbook.files, playbook.fields)
    return list(
        chain(
            _content(playbook),
            _metas(playbook.files),
            _cards(playbook),
            _tracks(playbook),
            _stages(playbook),
            _markets(playbook),
            _sales(playbook),
            maps,
        )
    )


def check_dates(playbook: Playbook, today: date) -> Iterator[Finding]:
    """Yield a warning for each touch that nobody gets any more, since the date it hangs on is past."""
    for name, track in playbook.tracks.items():
        yield from _placed(playbook, f"playbook/tracks/{name}.toml", check_days(track, today))


def check_letters(files: Mapping[str, str], playbook: Playbook | None, *, only: str | None = None, progress: Progress | None = None) -> Iterator[Finding]:
    """Give a finding for every letter, page or catalogue that could not go out, or should not go so; `playbook` None: its files cannot be read.

    Templates run in processes beside ours, within bounds. Where fields.toml cannot be read, nothing is said: letters may ask for what it declares.
    """
    try:
        fields = declared_fields(files)
    except Unfit:
        return
    for fault in confined_faults(files, fields, only=only, processes=_processors(), progress=progress):
        yield Finding(fault.path, fault.line or 1, fault.what, fault.remedy, fault.is_warning)
    if playbook is not None:
        yield from _asked(playbook)


def _processors() -> int:
    return len(os.sched_getaffinity(0))


def _asked(playbook: Playbook) -> Iterator[Finding]:
    """Give what is wrong with the conditions that templates ask."""
    read = _reader(playbook, STANDING)
    for text, (path, line) in asked_conditions(playbook.files).items():
        for problem in check_condition((), "when", text, read):
            yield Finding(path, line, problem.what, problem.remedy, problem.is_warning)


def _reader(playbook: Playbook, standing: Mapping[str, Field]) -> Read:
    """Return what reads a condition as a check does: it knows which stages and markets there are. A live version is not refused for that."""
    known = {"stage": tuple(Stage), "market": tuple(playbook.markets)}
    strict = {name: replace(field, choices=known.get(name, ())) for name, field in standing.items()}
    return partial(parse_condition, names={**playbook.fields.lead, **strict}, events=playbook.fields.event, lists=playbook.lists)


def _content(playbook: Playbook) -> Iterator[Finding]:
    for number, asset in enumerate(playbook.content.assets):
        for locale in asset.locales:
            if not is_locale(locale):
                problem = Problem(("asset", number, "locales"), f"asset '{asset.name}': '{locale}' is no locale.", "Write CLDR ids such as pt_BR or zh_Hans.")
                yield _finding(playbook, CONTENT, problem)


def _metas(files: Mapping[str, str]) -> Iterator[Finding]:
    for path, text in files.items():
        if path.startswith("templates/") and path.endswith("/meta.toml"):
            findings: list[Finding] = []
            read_toml(path, text, Meta, findings)
            yield from findings


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
    read_touch = _reader(playbook, IN_A_TRACK)
    ground = Ground(playbook.templates, touch_names(playbook.tracks), playbook.fields.lead, read_touch)
    for name, problem in check_tracks(playbook.tracks, ground, _reader(playbook, STANDING)):
        yield _finding(playbook, f"playbook/tracks/{name}.toml", problem)
    for name, track in playbook.tracks.items():
        yield from _placed(playbook, f"playbook/tracks/{name}.toml", check_track_timing(track, playbook.markets, playbook.limits))


def _stages(playbook: Playbook) -> Iterator[Finding]:
    path, read = "playbook/stages.toml", _reader(playbook, STANDING)
    for stage, rule in playbook.stages.rules.items():
        for key, text in (("enter", rule.enter), ("leave", rule.leave)):
            if text is not None:
                yield from _placed(playbook, path, check_condition((stage.value, key), stage.value, text, read))
        for key, kind in (*(("on", kind) for kind in rule.on), *(("back_on", kind) for kind in rule.back_on)):
            if kind not in playbook.fields.event:
                problem = Problem((stage.value, key), f"{stage.value}: unknown event '{kind}'.", did_you_mean(kind, playbook.fields.event))
                yield _finding(playbook, path, problem)
    if playbook.stages.on_hold:
        yield from _placed(playbook, path, check_condition(("on_hold", "when"), "on_hold", playbook.stages.on_hold.when, read))
    yield from _placed(playbook, "playbook/limits.toml", check_limits(playbook.limits))


def _markets(playbook: Playbook) -> Iterator[Finding]:
    yield from chain.from_iterable(check_market(playbook, name) for name in playbook.markets)
    for name, market in playbook.markets.items():
        if playbook.rates.lacks(market) and market.money is not None:
            what = f"market '{name}': no rate for {market.money.currency} in {RATES}, so letters can name no price there."
            remedy = "Add the rate, or set a price in [money] here."
            yield _finding(playbook, f"playbook/markets/{name}.toml", Problem(("money", "currency"), what, remedy))
    readable = {name: condition for name in playbook.markets if (condition := _market_condition(playbook, name))}
    for name, problem in check_overlaps(playbook.markets, readable, playbook.fields.lead, playbook.lists):
        yield _finding(playbook, f"playbook/markets/{name}.toml", problem)


def _market_condition(playbook: Playbook, name: str) -> Condition | None:
    """Return who is in a market; None where it cannot be read, which is told elsewhere."""
    try:
        return parse_condition(playbook.markets[name].when, playbook.fields.lead, playbook.fields.event, playbook.lists)
    except BadCondition:
        return None


def check_market(playbook: Playbook, name: str) -> Iterator[Finding]:
    """Yield what is off in one market's file."""
    market = playbook.markets[name]
    of_leads = partial(parse_condition, names=playbook.fields.lead, events=playbook.fields.event, lists=playbook.lists)
    condition = check_condition(("when",), f"market '{name}'", market.when, of_leads)
    timing = check_market_timing(name, market, playbook.limits)
    yield from _placed(playbook, f"playbook/markets/{name}.toml", chain(condition, timing, check_overlay(playbook, name)))


def _placed(playbook: Playbook, path: str, problems: Iterable[Problem]) -> Iterator[Finding]:
    return (_finding(playbook, path, problem) for problem in problems)


def _finding(playbook: Playbook, path: str, problem: Problem) -> Finding:
    return Finding(path, line_of(positions(playbook.files[path]), problem.place), problem.what, problem.remedy, problem.is_warning)
