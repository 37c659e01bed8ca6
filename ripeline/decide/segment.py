"""Segmentation: which track a lead leaves and which it enters."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import polars as pl

from ripeline.decide.condition import Condition
from ripeline.decide.facts import INSTANT
from ripeline.decide.fork import Fork, read_fork
from ripeline.decide.staging import Read
from ripeline.decide.track import Track

LOOK_AGAIN = timedelta(days=1)
"""How soon a lead is looked at again that only an open hand-off keeps out of a track."""

ENDED = {"enrolment_id": pl.Int64(), "lead_id": pl.Int64(), "group": pl.String(), "because": pl.String()}
ENTERED = {"lead_id": pl.Int64(), "track": pl.String(), "group": pl.String(), "because": pl.String(), "total": pl.Int64()}

Pin = tuple[str, str]
"""A playbook version's hash and a track's name: what an enrolment is bound to."""


@dataclass(frozen=True)
class TrackBook:
    """A track with its conditions read. `forks` are the touches that ask something when their moment comes, by name."""

    track: Track
    enter: Condition
    leave: Condition | None
    goal: Condition | None
    forks: Mapping[str, Fork] = field(default_factory=dict)

    @property
    def conditions(self) -> list[Condition]:
        return [each for each in (self.enter, self.leave, self.goal) if each is not None]

    @property
    def will_have(self) -> pl.Expr:
        """Return whether a lead may enter: whoever would leave at once, or is there already, does not."""
        out = [each.holds for each in (self.leave, self.goal) if each is not None]
        return self.enter.holds & ~pl.any_horizontal(out) if out else self.enter.holds


def read_track(track: Track, read: Read, read_touch: Read | None = None) -> TrackBook:
    """Return the track with every condition read, those of touches by `read_touch` (None: as the track's own)."""
    leave, goal = (read(text) if text else None for text in (track.leave.when, track.leave.goal))
    forks = {touch.name: read_fork(touch, read_touch or read) for touch in track.touches if touch.when or touch.choose}
    return TrackBook(track, read(track.enter.when), leave, goal, forks)


def leaving(book: TrackBook) -> pl.Expr:
    """Return why a lead ends this track now (String, null: it stays). A goal reached is named before a condition to leave."""
    reasons = [pl.lit(None, pl.String)]
    if book.goal:
        reasons.append(pl.when(book.goal.holds).then(pl.lit(f"goal reached: {book.goal.text}")))
    if book.leave:
        reasons.append(pl.when(book.leave.holds).then(pl.lit(book.leave.text)))
    return pl.coalesce(reasons)


def ended(leads: pl.DataFrame, running: pl.DataFrame, pinned: Mapping[Pin, TrackBook]) -> pl.DataFrame:
    """Return the enrolments that end now, with the columns ENDED.

    leads: `id`, `barred` (String: why this lead may be in no track; null: it may), the columns of the conditions. running: the open
    enrolments, `enrolment_id`, `lead_id`, `track`, `group`, `version`.
    """
    parts = [_ended_in(running.filter(version=version, track=name), leads, book) for (version, name), book in pinned.items()]
    return pl.concat([pl.DataFrame(schema=ENDED), *parts])


def _ended_in(running: pl.DataFrame, leads: pl.DataFrame, book: TrackBook) -> pl.DataFrame:
    found = running.select("enrolment_id", "lead_id", "group").join(leads, left_on="lead_id", right_on="id", how="inner")
    return found.with_columns(because=pl.coalesce("barred", leaving(book))).filter(pl.col("because").is_not_null()).select(*ENDED).cast(ENDED)  # type: ignore[arg-type]


def entered(
    leads: pl.DataFrame, running: pl.DataFrame, left: pl.DataFrame, tracks: Mapping[str, TrackBook], now: datetime
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return who enters which track, with the columns ENTERED; and when to look again, `lead_id` and `at`.

    leads: `id`, `barred`, `is_handed_off` Boolean, the columns of the conditions. running: the enrolments that stay open, `is_exhausted` where
    all was sent. left: when a lead last left a track, `lead_id`, `track`, `ended_at`. In each group the track of the highest priority that will have
    the lead takes it, ties by name; where the lead is in one of the group that has something left to send, it waits.
    """
    asked = leads.filter(pl.col("barred").is_null())
    entries, reviews = [pl.DataFrame(schema=ENTERED)], [pl.DataFrame(schema={"lead_id": pl.Int64(), "at": INSTANT})]
    for group in sorted({book.track.group for book in tracks.values()}):
        held = running.filter(group=group)
        free = asked.join(held.filter(~pl.col("is_exhausted")), left_on="id", right_on="lead_id", how="anti")
        free = free.join(held.select("lead_id", exhausted_in="track"), left_on="id", right_on="lead_id", how="left")
        ranked = sorted(((name, book) for name, book in tracks.items() if book.track.group == group), key=lambda each: (-each[1].track.priority, each[0]))
        judged = _judged(_unless_there(free, running, ranked), ranked, left, now)
        entries.append(_entries(judged, ranked, group))
        reviews.append(judged.select(lead_id="id", at=pl.min_horizontal("waits_until", pl.when("is_kept_out").then(pl.lit(now + LOOK_AGAIN, INSTANT)))))
    return pl.concat(entries), pl.concat(reviews).drop_nulls()


def made_way(running: pl.DataFrame, into: pl.DataFrame) -> pl.DataFrame:
    """Return the enrolments that end because another track of their group takes the lead, with the columns ENDED: those that sent all they had."""
    over = running.join(into.select("lead_id", "group", new="track"), on=["lead_id", "group"], how="inner")
    return over.select("enrolment_id", "lead_id", "group", because=pl.format("all sent; makes way for {}", "new"))


def _unless_there(free: pl.DataFrame, running: pl.DataFrame, ranked: Iterable[tuple[str, TrackBook]]) -> pl.DataFrame:
    """Return the leads with `is_in <track>`, for each of these tracks that some are in by another group, which was the track's when they entered."""
    frame = free
    for name, book in ranked:
        strays = running.filter(pl.col("track") == name, pl.col("group") != book.track.group)
        if strays.height:
            frame = frame.with_columns(pl.col("id").is_in(strays["lead_id"].implode()).alias(f"is_in {name}"))
    return frame


def _judged(free: pl.DataFrame, ranked: Iterable[tuple[str, TrackBook]], left: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """Return the free leads with `choice` (track, null: none), `waits_until` (a re-entry that is still to come) and `is_kept_out`."""
    frame, choices, waits = free, [], []
    for name, book in ranked:
        last = left.filter(track=name).select("lead_id", pl.col("ended_at").alias(f"left {name}"))
        frame = frame.join(last, left_on="id", right_on="lead_id", how="left")
        since, again = pl.col(f"left {name}"), book.track.enter.again
        comes = since + again if again is not None else pl.lit(None, INSTANT)
        may = since.is_null() | (comes <= now).fill_null(False)
        is_other = pl.col("exhausted_in").ne_missing(name) & ~(pl.col(f"is_in {name}") if f"is_in {name}" in frame.columns else pl.lit(False))
        choices.append(pl.when(book.will_have & may & is_other).then(pl.lit(name)))
        waits.append(pl.when(book.will_have & ~may & is_other).then(comes))
    frame = frame.with_columns(fits=pl.coalesce(choices), waits_until=pl.min_horizontal(waits))
    return frame.with_columns(choice=pl.when(~pl.col("is_handed_off")).then("fits"), is_kept_out=pl.col("is_handed_off") & pl.col("fits").is_not_null())


def _entries(judged: pl.DataFrame, ranked: Iterable[tuple[str, TrackBook]], group: str) -> pl.DataFrame:
    because = {name: book.enter.text for name, book in ranked}
    chosen = judged.filter(pl.col("choice").is_not_null())
    return chosen.select(
        lead_id="id", track="choice", group=pl.lit(group), because=pl.col("choice").replace_strict(because, default=None, return_dtype=pl.String), total="total"
    )
