"""Whether this program can use a version that another release may have checked: every condition that sweeps ask is read before any run begins."""

from functools import partial

from ripeline.decide.condition import parse_condition
from ripeline.decide.fields import IN_A_TRACK, STANDING
from ripeline.decide.literal import BadCondition
from ripeline.decide.scoring import scoring
from ripeline.decide.segment import read_track
from ripeline.decide.staging import Read, read_stages
from ripeline.playbook.playbook import Playbook
from ripeline.values import Refusal

_usable: set[str] = set()


def reader(playbook: Playbook) -> Read:
    """Return what reads a condition over a lead's attributes and standing."""
    return partial(parse_condition, names={**playbook.fields.lead, **STANDING}, events=playbook.fields.event, lists=playbook.lists)


def touch_reader(playbook: Playbook) -> Read:
    """Return what reads a condition of a touch: it may ask, too, how its lead stood on entering the track."""
    return partial(parse_condition, names={**playbook.fields.lead, **IN_A_TRACK}, events=playbook.fields.event, lists=playbook.lists)


def refuse_unreadable(playbook: Playbook) -> None:
    """Raise Refusal where a condition of the card, a market, a stage or a track cannot be read; a process reads each version once."""
    if playbook.hash in _usable:
        return
    try:
        read_stages(playbook.stages, reader(playbook))
        for track in playbook.tracks.values():
            read_track(track, reader(playbook), touch_reader(playbook))
        if scoring(playbook.scorecard, playbook.markets, playbook.fields, playbook.lists).version:  # it names all that the card asks, so all is read
            _usable.add(playbook.hash)
    except BadCondition as error:
        raise Refusal(f"playbook version {playbook.hash[:12]} cannot be used by this program: {error}") from error
