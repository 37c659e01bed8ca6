"""The plan: which messages appear, move or vanish for whom, and who leaves or enters a track, when an edited playbook goes live."""

from dataclasses import dataclass, replace
from datetime import datetime

import polars as pl
import sqlalchemy as sa
from sqlmodel import Session, col

from models import Lead
from ripeline.decide.facts import INSTANT
from ripeline.decide.lineage import Lineage, in_new_names
from ripeline.playbook.lineage import lineage_with
from ripeline.playbook.playbook import Playbook
from ripeline.sweep.plan.flight import Flight, flight
from ripeline.sweep.plan.waiting import renamed_tracks, waiting_touches
from ripeline.sweep.ranges import id_ranges
from ripeline.sweep.why.foresight import rows_planned

COLUMNS = {
    "change": pl.String(), "lead_id": pl.Int64(), "track": pl.String(), "touch": pl.String(), "old_at": pl.Datetime("us", "UTC"),
    "new_at": pl.Datetime("us", "UTC"), "zone": pl.String(), "enrolment_id": pl.Int64(), "was_next": pl.Boolean(),
    "is_next": pl.Boolean(),
}  # fmt: skip
"""change: appears, moves or vanishes. old_at, new_at: when it goes by the live and by the edited playbook; null: not at all. was_next, is_next: no touch
goes before it by the live, by the edited playbook: those are the ones that are stored.
"""


@dataclass(frozen=True)
class Difference:
    """messages: COLUMNS, in order of lead and time. leaves: `lead_id`, `track`, `because` of those whom only the edited playbook lets go.

    renamed: `track`, `new`, `leads`: tracks that people are in and that have another name in the edited playbook.
    """

    messages: pl.DataFrame
    leaves: pl.DataFrame
    renamed: pl.DataFrame

    @property
    def counts(self) -> dict[str, int]:
        """Return how many messages appear, move and vanish."""
        return {change: self.messages.filter(change=change).height for change in ("appears", "moves", "vanishes")}

    def __add__(self, other: "Difference") -> "Difference":
        renamed = pl.concat([self.renamed, other.renamed]).group_by("track", "new").agg(pl.col("leads").sum()).sort("track", "new")
        return Difference(pl.concat([self.messages, other.messages]), pl.concat([self.leaves, other.leaves]), renamed)


def differences(session: Session, ids: range, live: Playbook, edited: Playbook, now: datetime, pepper: bytes, lineage: Lineage | None = None) -> Difference:
    """Return what changes for the leads in `ids` if `edited` takes the place of `live` at `now`, and everybody in flight moves to it. Reads only.

    `lineage`: what tracks and touches were ever called; None: it is read. A touch that is planned already is told as it is stored.
    """
    lineage = lineage or lineage_with(session, edited)
    before, after = flight(session, ids, live, now, pepper), flight(session, ids, edited, now, pepper, moved_by=lineage)
    names = lineage.names_in(edited.tracks)
    old, new, stored = _calendar(before, live, now), _calendar(after, edited, now), waiting_touches(session, ids)
    messages = _compared(in_new_names(old, names), new, in_new_names(stored, names))
    return Difference(messages, _leaving(before, after), renamed_tracks(session, ids, names))


def _calendar(of: Flight, playbook: Playbook, now: datetime) -> pl.DataFrame:
    """Return every touch to come: `lead_id`, `track`, `touch`, `due_at`, `zone`, `enrolment_id`, `place`, its number from 0 in the enrolment."""
    may_write = of.found.enrolments.filter(pl.col("barred").is_null())
    rows = rows_planned(replace(of.found, enrolments=may_write), playbook, now)
    some = rows.select(list(_ROWS)) if rows.height else pl.DataFrame(schema=_ROWS)
    return some.sort("enrolment_id", "due_at").with_columns(place=pl.int_range(pl.len()).over("enrolment_id")).rename({"lives_in": "zone"})


_ROWS = {
    "lead_id": pl.Int64(), "track": pl.String(), "touch": pl.String(), "due_at": INSTANT, "lives_in": pl.String(), "enrolment_id": pl.Int64(),
}  # fmt: skip


def _compared(old: pl.DataFrame, new: pl.DataFrame, stored: pl.DataFrame) -> pl.DataFrame:
    keys = ["lead_id", "track", "touch"]
    both = old.join(new, on=keys, how="full", coalesce=True, suffix="_new")
    told = both.with_columns(
        change=pl.when(pl.col("due_at").is_null()).then(pl.lit("appears")).when(pl.col("due_at_new").is_null()).then(pl.lit("vanishes"))
        .when(pl.col("due_at") != pl.col("due_at_new")).then(pl.lit("moves"))
    ).filter(pl.col("change").is_not_null())  # fmt: skip
    kept = stored.select("enrolment_id", "touch", stored_at="due_at")
    truly = told.join(kept, on=["enrolment_id", "touch"], how="left").with_columns(
        due_at=pl.when(pl.col("due_at").is_not_null()).then(pl.coalesce("stored_at", "due_at"))
    )
    return truly.filter(pl.col("due_at").ne_missing(pl.col("due_at_new"))).select(
        "change", *keys, old_at="due_at", new_at="due_at_new", zone=pl.coalesce("zone_new", "zone"),
        enrolment_id=pl.coalesce("enrolment_id", "enrolment_id_new"), was_next=pl.col("place").eq_missing(0), is_next=pl.col("place_new").eq_missing(0),
    ).select(list(COLUMNS)).cast(COLUMNS).sort("lead_id", pl.coalesce("new_at", "old_at"), "track", "touch")  # type: ignore[arg-type]  # fmt: skip


def _leaving(before: Flight, after: Flight) -> pl.DataFrame:
    fresh = after.ended.join(before.ended, on="enrolment_id", how="anti")
    known = before.found.enrolments.select("enrolment_id", "lead_id", "track")
    return fresh.join(known, on="enrolment_id", how="inner").select("lead_id", "track", "because").sort("lead_id", "track")


def people(session: Session, batch_size: int) -> list[range]:
    """Return half-open ranges of the ids of all leads that were not erased, `batch_size` of them each."""
    return id_ranges(session, sa.select(col(Lead.id)).where(col(Lead.erased_at).is_(None)), batch_size)
