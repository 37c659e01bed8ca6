"""What a touch is for, asked again when its moment comes: goal and exit of its track, its own condition, the way on that it chooses.

Facts are read for many messages at once, as they are now, by the conditions of the playbook version that each enrolment is bound to.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import polars as pl
import sqlalchemy as sa
from sqlmodel import col

from models import Enrolment, Lead, Message, MessageKind, MessageState
from ripeline.decide.condition import Condition, with_features
from ripeline.decide.fork import Fork, with_way
from ripeline.decide.segment import TrackBook, leaving
from ripeline.decide.touch import GO_TO, HOLD_OUT
from ripeline.sweep.bulk import is_one_of
from ripeline.sweep.crowd import in_portions
from ripeline.sweep.deliver.case import Case
from ripeline.sweep.deliver.tour import Tour
from ripeline.sweep.deliver.verdict import Ended, PutOff
from ripeline.sweep.facts import read_facts
from ripeline.sweep.schedule.gather import HELD_OUT
from ripeline.sweep.segment.gather import read_standing
from ripeline.sweep.segment.rules import features_of, needs_of, pinned_track, rules_of

LEAVING = timedelta(hours=1)
"""After so long a touch is looked at again whose lead is about to leave the track; by then `segment` has mostly ended the enrolment."""


@dataclass(frozen=True)
class Purpose:
    """What stands of a touch. leaves_because: why its lead leaves the track now; skipped_because: why nothing goes; None: nothing of the kind.

    letter: the folder that a choice names; go_to: the touch it leads on to; None: the touch does not choose.
    """

    leaves_because: str | None = None
    skipped_because: str | None = None
    letter: str | None = None
    go_to: str | None = None


def purpose_of(tour: Tour, case: Case) -> Purpose:
    """Return what this touch is for now; it is asked once in a tour."""
    if case.message.id not in tour.purposes:
        look_ahead(tour, [case.message.id])
    return tour.purposes.get(case.message.id, Purpose())


def look_ahead(tour: Tour, message_ids: Collection[UUID]) -> None:
    """Ask what these messages are for, all at once, and remember it for this tour."""
    tour.purposes.update(_asked(tour, message_ids))


def astray_because(tour: Tour, case: Case) -> Ended | PutOff | None:
    """Return why a touch has no purpose for its lead any more, or None. One that was handed over before goes as it was written."""
    if leaves := leaving_because(tour, case):
        return leaves
    if not _may_ask(case):
        return None
    purpose = purpose_of(tour, case)
    if purpose.skipped_because:
        return Ended(MessageState.CANCELLED, purpose.skipped_because)
    if purpose.go_to:
        return Ended(MessageState.CANCELLED, f"went on to '{purpose.go_to}'", variant=f"{GO_TO}{purpose.go_to}")
    if purpose.letter:
        case.message.template = f"email/{purpose.letter}"
    return None


def leaving_because(tour: Tour, case: Case) -> PutOff | None:
    """Return that the lead is about to leave the track, which `segment` will tell it, or None."""
    leaves = purpose_of(tour, case).leaves_because if _may_ask(case) else None
    return PutOff(tour.now + LEAVING, f"about to leave the track: {leaves}") if leaves else None


def _may_ask(case: Case) -> bool:
    return case.message.kind is MessageKind.TOUCH and case.enrolment is not None and case.message.raw is None


def held_out_because(case: Case) -> Ended | None:
    """Return that nothing goes by lot, or None. Asked last: whoever is held out is treated in all else as those who get the letter."""
    if case.message.variant != HOLD_OUT:
        return None
    return Ended(MessageState.CANCELLED, f"{HELD_OUT}: gets nothing, to compare with those who do")


def _asked(tour: Tour, message_ids: Collection[UUID]) -> dict[UUID, Purpose]:
    asked = _alike(tour, tour.session.execute(_touches(message_ids)).all())
    if not asked:
        return {}
    rows = [(number, row.id.hex, row.lead_id, row.entered_total) for number, alike in enumerate(asked) for row in alike.rows]
    messages = pl.DataFrame(rows, schema=_ASKED, orient="row")
    conditions = [each for alike in asked for each in _conditions(alike.book, alike.fork)]
    frame = messages.join(_leads(tour, messages["id"].unique().sort().to_list(), conditions), on="id")
    found: dict[UUID, Purpose] = {}
    for number, alike in enumerate(asked):
        found |= _judged(frame.filter(number=number), alike.book, alike.fork)
    return found


_ASKED = {"number": pl.Int64(), "message": pl.String(), "id": pl.Int64(), "entered_total": pl.Int64()}


@dataclass(frozen=True)
class _Alike:
    """Messages of which the same is asked: all of a track's, but that a touch with a fork stands alone."""

    book: TrackBook
    fork: Fork | None
    rows: list[sa.Row[Any]] = field(default_factory=list)


def _alike(tour: Tour, rows: Iterable[sa.Row[Any]]) -> list[_Alike]:
    """Return the messages of whom anything is asked, those together of whom the same is."""
    books: dict[tuple[str, str], TrackBook | None] = {}
    found: dict[tuple[str, str, str | None], _Alike] = {}
    for row in rows:
        pin = (row.version, row.track)
        if pin not in books:
            books[pin] = _book(tour, *pin)
        if book := books[pin]:
            fork = book.forks.get(row.touch)
            found.setdefault((*pin, row.touch if fork else None), _Alike(book, fork)).rows.append(row)
    return list(found.values())


def _book(tour: Tour, version: str, track: str) -> TrackBook | None:
    """Return the track as its enrolments are bound to it; None where nothing in it asks for facts."""
    book = pinned_track(tour.session, version, track, rules_of(tour.playbook))
    return book if book.leave or book.goal or book.forks else None


def _conditions(book: TrackBook, fork: Fork | None) -> Iterator[Condition]:
    yield from (each for each in (book.goal, book.leave) if each is not None)
    yield from fork.conditions if fork else ()


def _leads(tour: Tour, ids: list[int], conditions: list[Condition]) -> pl.DataFrame:
    engine = tour.session.get_bind().engine
    standing = read_standing(engine, is_one_of(tour.session, col(Lead.id), ids))
    needs, span = needs_of(conditions), range(ids[0], ids[-1] + 1)

    def known(lead_ids: pl.Series) -> pl.DataFrame:
        facts = read_facts(engine, span, needs, tour.playbook.fields, tour.now, only=lead_ids, bounded=True).facts
        return with_features(standing.join(facts.leads, on="id", how="inner"), facts, features_of(conditions), tour.now)

    return in_portions(known, pl.Series(ids, dtype=pl.Int64))


def _judged(frame: pl.DataFrame, book: TrackBook, fork: Fork | None) -> dict[UUID, Purpose]:
    told = frame.with_columns(leaves_because=leaving(book))
    told = with_way(told, fork) if fork else told.with_columns(pl.lit(None, pl.String).alias(name) for name in ("skipped_because", "letter", "go_to"))
    rows = told.select("message", "leaves_because", "skipped_because", "letter", "go_to").iter_rows()
    return {UUID(message): Purpose(*rest) for message, *rest in rows}


def _touches(message_ids: Collection[UUID]) -> sa.Select[Any]:
    columns: list[Any] = [
        col(Message.id), col(Message.lead_id), col(Message.touch), col(Enrolment.version), col(Enrolment.track), col(Enrolment.entered_total),
    ]  # fmt: skip
    query: sa.Select[Any] = sa.select(*columns).join(Enrolment, col(Enrolment.id) == col(Message.enrolment_id))
    return query.where(col(Message.id).in_(list(message_ids)), col(Message.kind) == MessageKind.TOUCH)
