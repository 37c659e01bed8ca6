"""From enrolments without a plan to the messages they get: frames in, frames out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import polars as pl

from ripeline.decide.duration import Duration
from ripeline.decide.facts import INSTANT
from ripeline.decide.lot import arms_frame, drawn, salt_of
from ripeline.decide.schedule import first_fit, heard, plan, waits_over
from ripeline.decide.segment import Pin
from ripeline.decide.send_time import with_hours
from ripeline.decide.timing import Timing
from ripeline.decide.touch import GO_TO, Touch
from ripeline.decide.track import Track
from ripeline.decide.turn import with_turns
from ripeline.playbook.playbook import Playbook
from ripeline.sweep.schedule.gather import Found
from ripeline.sweep.schedule.timings import NUMBERED, Lives, Timings

_LONG_GONE = timedelta(days=30)
"""A touch that could have gone so long before it expired is expired, whatever its window."""

_TOUCH = {
    "version": pl.String(), "track": pl.String(), "position": pl.Int32(), "touch": pl.String(), "template": pl.String(), "wait": pl.Int32(),
    "wait_text": pl.String(), "expires": pl.Duration("us"), "priority": pl.Int64(), "dated": pl.Int32(), "day_text": pl.String(), "arm_of": pl.String(),
    "salt": pl.UInt32(),
}  # fmt: skip

AS_IT_WAITS = {
    "enrolment_id": pl.Int64(), "touch": pl.String(), "rule_was": pl.String(), "zone_was": pl.String(), "due_was": INSTANT, "first_at": INSTANT,
    "not_before": INSTANT,
}  # fmt: skip
"""A touch as it waits. first_at, not_before: when the date on which it could first have gone begins in the lead's zone, and the one that it waits for, which
it keeps; null: it goes by the date that it hangs on.
"""


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
    steps = _steps(found.tracks)
    allowed, done, occupied = found.enrolments.filter(pl.col("barred").is_null()), found.done, found.occupied
    ahead = _left_over(found.enrolments, steps, done)
    exhausted: list[int] = _without_touch(found.enrolments, ahead)
    timings, parts, shut = Timings(playbook, found.tracks, now), [], 0
    while allowed.height:
        following = ahead.filter(pl.col("barred").is_null()).sort("enrolment_id", "position").unique("enrolment_id", keep="first", maintain_order=True)
        asked = with_hours(_asked(following, steps, done, timings, found.days), found.habits, playbook.limits.send_time)
        waited = _since_edited(_waited(asked, timings.listed, steps, pl.lit(now, INSTANT)), found.fresh)
        settled = _settled(waited, timings.listed, steps, occupied, now)
        shut += settled.filter(pl.col("due_at").is_null()).height
        expired = settled.filter("is_expired")
        parts.append(settled.filter(pl.col("due_at").is_not_null()))
        occupied = pl.concat([occupied, heard(parts[-1].filter(~pl.col("is_expired")))])
        done = pl.concat([done, expired.select("enrolment_id", "touch", variant=pl.lit(""), went_at=pl.lit(None, INSTANT))])
        allowed = allowed.join(expired, on="enrolment_id", how="semi")
        ahead = _left_over(allowed, steps, done)
        exhausted += _without_touch(allowed, ahead)
    counts = {reason: found.enrolments.filter(barred=reason).height for reason in ("no_consent", "suppressed")}
    return Plan(pl.concat(parts) if parts else pl.DataFrame(), exhausted, **counts, never_opens=shut)


def planned_anew(found: Found, waiting: pl.DataFrame, playbook: Playbook, now: datetime) -> pl.DataFrame:
    """Return what waits, and hangs on a zone or a date that changed, as it is planned at `now`: the columns of `Plan.messages`, `due_at` null: it never opens.

    waiting: AS_IT_WAITS, none of which `found.occupied` counts. What hangs on no change is left out, and stays when it is.
    """
    steps, timings = _steps(found.tracks), Timings(playbook, found.tracks, now)
    following = found.enrolments.join(waiting, on="enrolment_id", how="inner").join(steps.frame, on=["version", "track", "touch"], how="inner")
    asked = with_hours(_asked(following, steps, found.done, timings, found.days), found.habits, playbook.limits.send_time)
    known = pl.col("rule_was").str.contains(pl.format("({})", "anchor"), literal=True).fill_null(False)
    clock = pl.lit(now, INSTANT)
    told = _waited(asked, timings.listed, steps, pl.max_horizontal("not_before", clock)).with_columns(is_new_day=pl.col("first_at").is_null() & ~known)
    stays = ~pl.col("is_new_day") & (pl.col("zone_was") == pl.col("lives_in"))
    since = pl.when("is_new_day").then(pl.max_horizontal("over", clock)).otherwise("over")
    moving = told.filter(~stays).with_columns(over=pl.coalesce("first_at", since), dated=pl.when(pl.col("first_at").is_null()).then("dated"))
    occupied = pl.concat([found.occupied, told.filter(stays).select("lead_id", at="due_was")])
    return _settled(moving, timings.listed, steps, occupied, now)


@dataclass(frozen=True)
class Steps:
    """The touches of all tracks with the columns _TOUCH, and what their numbers mean: distinct waits, touches that go by a date. arms: of those by lot."""

    frame: pl.DataFrame
    waits: Sequence[Duration]
    dated: Sequence[Touch]
    arms: pl.DataFrame


def _steps(tracks: Mapping[Pin, Track]) -> Steps:
    waits: dict[Duration, int] = {}
    dated: list[Touch] = []
    rows, arms = [], []
    for (version, name), track in tracks.items():
        for position, touch in enumerate(track.touches):
            number = None
            if touch.on is not None:
                number = len(dated)
                dated.append(touch)
            lot = f"{version}/{name}/{touch.name}" if touch.arms else None
            arms += [(lot, touch.arms)] if lot else []
            rows.append((
                version, name, position, touch.name, touch.folder, waits.setdefault(touch.wait, len(waits)), str(touch.wait),
                touch.expires.span if touch.expires else None, track.priority, number, touch.day_text, lot, salt_of(name, touch.name) if lot else None,
            ))  # fmt: skip
    return Steps(pl.DataFrame(rows, schema=_TOUCH, orient="row"), list(waits), dated, arms_frame(arms))


def _left_over(enrolments: pl.DataFrame, steps: Steps, done: pl.DataFrame) -> pl.DataFrame:
    """Return the touches that are still to come for each enrolment; what a way on has passed over is not."""
    ahead = enrolments.join(steps.frame, on=["version", "track"], how="inner").join(done, on=["enrolment_id", "touch"], how="anti")
    gone_on = done.filter(pl.col("variant").str.starts_with(GO_TO))
    if gone_on.is_empty():
        return ahead
    targets = gone_on.select("enrolment_id", touch=pl.col("variant").str.strip_prefix(GO_TO)).join(enrolments, on="enrolment_id")
    places = targets.join(steps.frame, on=["version", "track", "touch"]).group_by("enrolment_id").agg(since=pl.col("position").max())
    return ahead.join(places, on="enrolment_id", how="left").filter(pl.col("position") >= pl.col("since").fill_null(0)).drop("since")


def _without_touch(enrolments: pl.DataFrame, ahead: pl.DataFrame) -> list[int]:
    return enrolments.join(ahead, on="enrolment_id", how="anti")["enrolment_id"].to_list()


def _asked(following: pl.DataFrame, steps: Steps, done: pl.DataFrame, timings: Timings, days: pl.DataFrame) -> pl.DataFrame:
    """Return the next touch of each enrolment, `following`, with since when its wait counts, the date it hangs on, its timing, and what its lead drew."""
    went = done.group_by("enrolment_id").agg(last_at=pl.col("went_at").max())
    dated = following.join(went, on="enrolment_id", how="left").with_columns(since=pl.coalesce("last_at", "entered_at"))
    distinct = dated.select(Lives._fields).unique()
    numbered = pl.DataFrame([timings.number(Lives(*lives)) for lives in distinct.iter_rows()], schema=NUMBERED, orient="row")
    timed = dated.join(pl.concat([distinct, numbered], how="horizontal"), on=Lives._fields, how="left", nulls_equal=True).with_row_index("row")
    lots = timed.join(drawn(timed, steps.arms), on="row", how="left", maintain_order="left")
    return _anchored(lots, steps, days).with_columns(pl.col("variant").fill_null(""), template=pl.coalesce("letter", "template"))


def _anchored(asked: pl.DataFrame, steps: Steps, days: pl.DataFrame) -> pl.DataFrame:
    """Return `asked` with `anchor`, the date that a dated touch hangs on; null: nobody knows it."""
    anchors = []
    for number, touch in enumerate(steps.dated):
        known = pl.lit(touch.on) if isinstance(touch.on, date) else pl.col(touch.on) if touch.on in days.columns else None
        anchors += [] if known is None else [pl.when(dated=number).then(known)]
    joined = asked.join(days, on="lead_id", how="left", maintain_order="left")
    return joined.select(*asked.columns, anchor=pl.coalesce(pl.lit(None, pl.Date), *anchors))


def _waited(asked: pl.DataFrame, timings: Sequence[Timing], steps: Steps, not_before: pl.Expr) -> pl.DataFrame:
    """Return each touch with `over`, when its wait ends, and `not_before`: until then it could not go if it wanted to."""
    return asked.with_columns(over=waits_over(asked, timings, steps.waits), not_before=not_before)


def _since_edited(waited: pl.DataFrame, fresh: pl.DataFrame) -> pl.DataFrame:
    """Return touches that go by a date and are `fresh` with a wait that ends no sooner than now: before the edit nobody had a turn."""
    if fresh.is_empty():
        return waited
    known = waited.join(fresh.with_columns(is_fresh=True), on=["enrolment_id", "touch"], how="left", maintain_order="left")
    is_new = pl.col("is_fresh") & pl.col("dated").is_not_null()
    return known.with_columns(over=pl.when(is_new).then(pl.max_horizontal("over", "not_before")).otherwise("over")).drop("is_fresh")


def _settled(waited: pl.DataFrame, timings: Sequence[Timing], steps: Steps, occupied: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """Return each touch with its instant, when it expires and whether its time is up; `due_at` null: its window never opens."""
    clock = pl.lit(now, INSTANT)
    over = with_turns(waited, timings, steps.dated).with_columns(earliest=pl.max_horizontal("over", "not_before"))
    ranked = over.sort("lead_id", -pl.col("priority"), "enrolment_id").with_columns(rank=pl.int_range(pl.len()).over("lead_id"))
    fitted = plan(ranked, timings, occupied)
    ideal = _ideal(fitted, timings, now)
    ends = fitted.join(ideal, on="row", how="left", maintain_order="left").with_columns(
        expires_at=pl.when(pl.col("over") + pl.col("expires") + _LONG_GONE < clock)
        .then(pl.col("over") + pl.col("expires"))
        .otherwise(pl.col("ideal_at") + pl.col("expires"))
    )
    return ends.with_columns(is_expired=(pl.col("expires_at") <= pl.col("due_at")).fill_null(False) | pl.col("lapse").is_not_null())


def _ideal(fitted: pl.DataFrame, timings: Sequence[Timing], now: datetime) -> pl.DataFrame:
    """Return when each touch that can expire could first have gone, had nobody been late and no cap in the way."""
    fresh = fitted.filter(pl.col("expires").is_not_null() & (pl.col("over") + pl.col("expires") + _LONG_GONE >= pl.lit(now, INSTANT)))
    return first_fit(fresh.select("row", "lead_id", "timing", earliest="over"), timings).select("row", ideal_at="due_at")
