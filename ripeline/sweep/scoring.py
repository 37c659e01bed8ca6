"""A playbook's scoring, read once: its card and markets, bound to every boundary that anybody in the playbook asks about."""

from collections.abc import Iterator

from ripeline.decide.condition import parse_condition
from ripeline.decide.fields import STANDING
from ripeline.decide.points import to_hundredths
from ripeline.decide.scoring import Scoring, scoring
from ripeline.playbook.playbook import Playbook

_read: dict[str, Scoring] = {}


def scoring_of(playbook: Playbook) -> Scoring:
    """Return how a playbook scores. A version never changes, so a process reads each once."""
    if playbook.hash not in _read:
        _read[playbook.hash] = scoring(playbook.scorecard, playbook.markets, playbook.fields, playbook.lists, _boundaries(playbook))
    return _read[playbook.hash]


def _boundaries(playbook: Playbook) -> frozenset[tuple[str, int]]:
    """Return where stages, tracks and hand-off ask whether points are reached: a score is looked at again before it passes one."""
    names = {**playbook.fields.lead, **STANDING}
    read = [parse_condition(text, names, playbook.fields.event, playbook.lists) for text in _texts(playbook)]
    asked = {boundary for condition in read for boundary in condition.boundaries}
    return frozenset(asked | {("total", threshold) for threshold in _thresholds(playbook)})


def _texts(playbook: Playbook) -> Iterator[str]:
    for rule in playbook.stages.rules.values():
        yield from (text for text in (rule.enter, rule.leave) if text)
    if playbook.stages.on_hold:
        yield playbook.stages.on_hold.when
    for track in playbook.tracks.values():
        yield from (text for text in (track.enter.when, track.leave.when, track.leave.goal) if text)


def _thresholds(playbook: Playbook) -> Iterator[int]:
    rules = playbook.handoff
    yield from (threshold for threshold in (rules.invite_at, rules.offer_at, rules.leave_at) if threshold is not None)
    for market in playbook.markets.values():
        said = (market.handoff.invite_at, market.handoff.offer_at, market.handoff.leave_at)
        yield from (to_hundredths(threshold) for threshold in said if threshold is not None)
