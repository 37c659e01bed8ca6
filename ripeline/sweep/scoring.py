"""A playbook's scoring, read once: its card and markets, bound to every boundary that anybody in the playbook asks about."""

import sqlalchemy as sa

from ripeline.decide.scoring import Scoring, scoring
from ripeline.playbook.playbook import Playbook
from ripeline.sweep.boundaries import boundaries_in_flight, boundaries_of

_read: dict[tuple[str, frozenset[str]], Scoring] = {}


def scoring_of(playbook: Playbook) -> Scoring:
    """Return how a playbook scores, without the rules it leaves out. A version never changes, so a process reads each once."""
    key = playbook.hash, playbook.left_out
    if key not in _read:
        _read[key] = whole_scoring(playbook).without(playbook.left_out)
    return _read[key]


def whole_scoring(playbook: Playbook) -> Scoring:
    """Return how a playbook would score if nothing were left out."""
    key = playbook.hash, frozenset[str]()
    if key not in _read:
        boundaries = frozenset(boundaries_of(playbook))
        _read[key] = scoring(playbook.scorecard, playbook.markets, playbook.fields, playbook.lists, boundaries)
    return _read[key]


def scoring_in_flight(engine: sa.Engine, playbook: Playbook, ids: range) -> Scoring:
    """Return how a playbook scores the leads in `ids`: those in a track of an earlier version are looked at again by its boundaries too.

    Points, grades and the version are those of `scoring_of`: boundaries only say when to look again.
    """
    by, more = scoring_of(playbook), boundaries_in_flight(engine, playbook, ids)
    return by.asked_about(more) if more - by.everywhere.boundaries else by
