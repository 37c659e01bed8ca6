"""Boundaries of a playbook: every number of points that anybody asks about, and where. They decide when a score is looked at again."""

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlmodel import Session, col

from models import Enrolment, PlaybookApplication
from ripeline.decide.boundary import Boundary, boundaries_in
from ripeline.decide.points import to_hundredths
from ripeline.playbook.applied import playbook_version
from ripeline.playbook.playbook import Playbook
from ripeline.sweep.bulk_read import read_bulk

Origins = Mapping[Boundary, tuple[str, ...]]
"""Each boundary, and where it is asked about, in words."""

_known: dict[str, Origins] = {}


def boundaries_of(playbook: Playbook) -> Origins:
    """Return every boundary outside the scorecard: those of any text in stages, tracks, markets, limits and hand-off, and the thresholds of hand-off.

    A text is asked whatever its key is, so that a condition in a new place needs no word here. A version never changes, so a process reads
    each once.
    """
    if playbook.hash not in _known:
        _known[playbook.hash] = _gathered([*_in_texts(playbook), *_thresholds(playbook)])
    return _known[playbook.hash]


def boundaries_in_flight(engine: sa.Engine, playbook: Playbook, ids: range) -> frozenset[Boundary]:
    """Return the boundaries of earlier versions that still matter to leads in `ids`: an enrolment keeps the track it entered.

    The version before this one counts even without an enrolment: a sweep that began before it was replaced may still be making some.
    """
    applied = read_bulk(engine, _applied(playbook), {"hash": pl.String()})["hash"].to_list()
    if not applied:
        return frozenset()
    pinned = set(read_bulk(engine, _pinned(playbook, ids), {"version": pl.String()})["version"])
    with Session(engine.execution_options(writes=False)) as session:
        versions = [playbook_version(session, version) for version in applied if version in pinned or version == applied[0]]
    return frozenset().union(*map(boundaries_of, versions))


def _applied(playbook: Playbook) -> sa.Select[Any]:
    """Select the other versions that were live once, the newest first."""
    newest = sa.func.max(col(PlaybookApplication.id))
    others = sa.select(col(PlaybookApplication.hash)).where(col(PlaybookApplication.hash) != playbook.hash)
    return others.group_by(col(PlaybookApplication.hash)).order_by(newest.desc())


def _pinned(playbook: Playbook, ids: range) -> sa.Select[Any]:
    among = col(Enrolment.lead_id) >= ids.start, col(Enrolment.lead_id) < ids.stop
    return sa.select(col(Enrolment.version)).where(*among, col(Enrolment.ended_at).is_(None), col(Enrolment.version) != playbook.hash).distinct()


def _gathered(found: list[tuple[Boundary, str]]) -> Origins:
    return {boundary: tuple(dict.fromkeys(where for each, where in found if each == boundary)) for boundary in sorted({each for each, _ in found})}


def _in_texts(playbook: Playbook) -> Iterator[tuple[Boundary, str]]:
    named = {f"track {name}": track for name, track in playbook.tracks.items()} | {f"market {name}": market for name, market in playbook.markets.items()}
    for name, shape in {"stage": playbook.stages, "hand-off": playbook.handoff, "limits": playbook.limits, **named}.items():
        for place, text in _texts(shape.model_dump(by_alias=True)):
            yield from ((boundary, " ".join([name, *place])) for boundary in boundaries_in(text))


def _texts(value: Any, place: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield every text in nested values, and the keys that lead to it."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from _texts(each, (*place, str(getattr(key, "value", key))))
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each, place)


def _thresholds(playbook: Playbook) -> Iterator[tuple[Boundary, str]]:
    for name in ("invite_at", "offer_at", "leave_at"):
        usual = getattr(playbook.handoff, name)
        if usual is not None:
            yield ("total", usual), f"hand-off {name}"
        for market, overlay in playbook.markets.items():
            said = getattr(overlay.handoff, name)
            if said is not None:
                yield ("total", to_hundredths(said)), f"market {market} hand-off {name}"
