"""From enrolments without a plan to the messages they get: frames in, frames out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from ripeline.decide.duration import Duration
from ripeline.decide.facts import INSTANT
from ripeline.decide.schedule import first_fit, plan, waits_over
from ripeline.decide.segment import Pin
from ripeline.decide.timing import Timing
from ripeline.decide.track import Track
from ripeline.playbook.playbook import Playbook
from ripeline.sweep.schedule.gather import Found
from ripeline.sweep.schedule.timings import NUMBERED, Lives, Timings

_LONG_GONE = timedelta(days=30)
"""A touch that could have gone so long before it expired is expired, whatever its window."""

_TOUCH = {
    "version": pl.String(), "track": pl.String(), "position": pl.Int32(), "touch": pl.String(), "template": pl.String(), "wait": pl.Int32(),
    "wait_text": pl.String(), "expires": pl.Duration("us"), "priority": pl.Int64(),
}  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """messages: what shall be stored, the expired as cancelled. exhausted: enrolments with no touch left.

    no_consent, suppressed: how many enrolments must not be written to. never_opens: how many touches have a window that is always shut.
    """

    messages: pl.DataFrame
    exhausted: list[int]
    no_consent: int
    suppressed: int
    never_opens: int


def planned(found: Found, playbook: Playbook, now: datetime) -> Plan:
    """Return what shall be planned at `now`. A touch whose time has run out is passed over for the next one in the same go."""
    touches, waits = _touches(found.tracks)
    allowed, done, occupied = found.enrolments.filter(pl.col("barred").is_null()), found.done, found.occupied
    exhausted: list[int] = _without_touch(found.enrolments, touches, done)
    timings, parts, shut = Timings(playbook, found.tracks, now), [], 0
    while allowed.height:
        asked = _asked(allowed, touches, done, timings)
        settled = _settled(asked, timings.listed, waits, occupied, now)
        shut += settled.filter(pl.col("due_at").is_null()).height
        expired = settled.filter("is_expired")
        parts.append(settled.filter(pl.col("due_at").is_not_null()))
        occupied = pl.concat([occupied, parts[-1].filter(~pl.col("is_expired")).select("lead_id", at="due_at")])
        done = pl.concat([done, expired.select("enrolment_id", "touch", went_at=pl.lit(None, INSTANT))])
        allowed = allowed.join(expired, on="enrolment_id", how="semi")
        exhausted += _without_touch(allowed, touches, done)
    counts = {reason: found.enrolments.filter(barred=reason).height for reason in ("no_consent", "suppressed")}
    return Plan(pl.concat(parts) if parts else pl.DataFrame(), exhausted, **counts, never_opens=shut)


def _touches(tracks: Mapping[Pin, Track]) -> tuple[pl.DataFrame, list[Duration]]:
    """Return every touch of the tracks, and the distinct waits that their numbers in `wait` mean."""
    waits: dict[Duration, int] = {}
    rows = [
        (
            *pin, position, touch.name, touch.folder, waits.setdefault(touch.wait, len(waits)), str(touch.wait), touch.expires.span if touch.expires else None,
            track.priority,
        )
        for pin, track in tracks.items()
        for position, touch in enumerate(track.touches)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=_TOUCH, orient="row"), list(waits)


def _left_over(enrolments: pl.DataFrame, touches: pl.DataFrame, done: pl.DataFrame) -> pl.DataFrame:
    return enrolments.join(touches, on=["version", "track"], how="inner").join(done, on=["enrolment_id", "touch"], how="anti")


def _without_touch(enrolments: pl.DataFrame, touches: pl.DataFrame, done: pl.DataFrame) -> list[int]:
    return enrolments.join(_left_over(enrolments, touches, done), on="enrolment_id", how="anti")["enrolment_id"].to_list()


def _asked(enrolments: pl.DataFrame, touches: pl.DataFrame, done: pl.DataFrame, timings: Timings) -> pl.DataFrame:
    """Return the next touch of each enrolment, since when its wait counts, and its timing."""
    following = _left_over(enrolments, touches, done).sort("enrolment_id", "position").unique("enrolment_id", keep="first", maintain_order=True)
    went = done.group_by("enrolment_id").agg(last_at=pl.col("went_at").max())
    dated = following.join(went, on="enrolment_id", how="left").with_columns(since=pl.coalesce("last_at", "entered_at"))
    distinct = dated.select(Lives._fields).unique()
    numbered = pl.DataFrame([timings.number(Lives(*lives)) for lives in distinct.iter_rows()], schema=NUMBERED, orient="row")
    return dated.join(pl.concat([distinct, numbered], how="horizontal"), on=Lives._fields, how="left", nulls_equal=True).with_row_index("row")


def _settled(asked: pl.DataFrame, timings: Sequence[Timing], waits: Sequence[Duration], occupied: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """Return each touch with its instant, when it expires and whether it has; `due_at` null: its window never opens."""
    clock = pl.lit(now, INSTANT)
    over = asked.with_columns(over=waits_over(asked, timings, waits)).with_columns(earliest=pl.max_horizontal("over", clock))
    ranked = over.sort("lead_id", -pl.col("priority"), "enrolment_id").with_columns(rank=pl.int_range(pl.len()).over("lead_id"))
    fitted = plan(ranked, timings, occupied)
    ideal = _ideal(fitted, timings, now)
    ends = fitted.join(ideal, on="row", how="left", maintain_order="left").with_columns(
        expires_at=pl.when(pl.col("over") + pl.col("expires") + _LONG_GONE < clock)
        .then(pl.col("over") + pl.col("expires"))
        .otherwise(pl.col("ideal_at") + pl.col("expires"))
    )
    return ends.with_columns(is_expired=(pl.col("expires_at") <= pl.col("due_at")).fill_null(False))


def _ideal(fitted: pl.DataFrame, timings: Sequence[Timing], now: datetime) -> pl.DataFrame:
    """Return when each touch that can expire could first have gone, had nobody been late and no cap in the way."""
    fresh = fitted.filter(pl.col("expires").is_not_null() & (pl.col("over") + pl.col("expires") + _LONG_GONE >= pl.lit(now, INSTANT)))
    return first_fit(fresh.select("row", "lead_id", "timing", earliest="over"), timings).select("row", ideal_at="due_at")
