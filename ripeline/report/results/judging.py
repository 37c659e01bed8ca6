"""From enrolments, messages and clicks to what became of them: frames in, counts out."""

from collections.abc import Mapping, Sequence

import polars as pl

from ripeline.decide.facts import INSTANT
from ripeline.decide.touch import HOLD_OUT, Arm
from ripeline.report.results.numbers import Contest, Ratio, TouchLine, TrackLine
from ripeline.report.statistics import benjamini_hochberg, chance_of_difference, chance_of_split

ENROLMENTS = {
    "enrolment_id": pl.Int64(), "lead_id": pl.Int64(), "track": pl.String(), "version": pl.String(), "market": pl.String(), "ended_at": INSTANT,
    "because": pl.String(), "is_goal": pl.Boolean(), "is_exhausted": pl.Boolean(),
}  # fmt: skip
MESSAGES = {
    "message": pl.String(), "enrolment_id": pl.Int64(), "touch": pl.String(), "variant": pl.String(), "is_sent": pl.Boolean(), "turned_at": INSTANT,
}  # fmt: skip
CLICKS = {"lead_id": pl.Int64(), "touch": pl.String(), "message": pl.String(), "at": INSTANT}

COUNTED = ("planned", "turned", "sent", "clicked", "goal", "left", "goal_after")
CELL = {name: pl.String() for name in ("track", "version", "touch", "variant", "market")} | {name: pl.Int64() for name in COUNTED}
LINE = {"track": pl.String(), "market": pl.String(), **{name: pl.Int64() for name in ("entered", "goal", "left", "exhausted")}}

Arms = Mapping[tuple[str, str, str], Sequence[Arm]]
"""Who gets what by lot, by playbook version, track and touch."""


def track_counts(enrolments: pl.DataFrame) -> pl.DataFrame:
    """Return the columns LINE for enrolments with the columns ENROLMENTS."""
    left = pl.col("ended_at").is_not_null() & ~pl.col("is_goal")
    sums = {"entered": pl.len(), "goal": pl.col("is_goal").sum(), "left": left.sum(), "exhausted": pl.col("is_exhausted").sum()}
    return enrolments.group_by("track", "market").agg(**sums).cast(LINE)  # type: ignore[arg-type]


def touch_counts(enrolments: pl.DataFrame, messages: pl.DataFrame, clicks: pl.DataFrame) -> pl.DataFrame:
    """Return the columns CELL, a row a track, version, touch, variant and market, for messages (MESSAGES), one a touch of these enrolments."""
    mine = messages.join(enrolments, on="enrolment_id", how="inner").join(_clicked(messages, enrolments, clicks), on="message", how="left")
    ordered = mine.sort("enrolment_id", "turned_at", nulls_last=True).with_columns(next_at=pl.col("turned_at").shift(-1).over("enrolment_id"))
    ended, turned = pl.col("ended_at"), pl.col("turned_at")
    after = turned.is_not_null() & (ended >= turned).fill_null(False)
    is_next = after & ((ended < pl.col("next_at")) | pl.col("next_at").is_null())
    sums = {
        "planned": pl.len(), "turned": turned.is_not_null().sum(), "sent": pl.col("is_sent").sum(), "clicked": pl.col("is_clicked").fill_null(False).sum(),
        "goal": (is_next & pl.col("is_goal")).sum(), "left": (is_next & ~pl.col("is_goal")).sum(), "goal_after": (after & pl.col("is_goal")).sum(),
    }  # fmt: skip
    return ordered.group_by("track", "version", "touch", "variant", "market").agg(**sums).cast(CELL)  # type: ignore[arg-type]


def _clicked(messages: pl.DataFrame, enrolments: pl.DataFrame, clicks: pl.DataFrame) -> pl.DataFrame:
    """Return `message` and `is_clicked` for those that were: named by the click, or, where it names none, by lead and touch after it went."""
    sent = messages.filter("is_sent").join(enrolments.select("enrolment_id", "lead_id"), on="enrolment_id")
    named = sent.join(clicks.filter(pl.col("message").is_not_null()), on="message", how="semi").select("message")
    told = clicks.filter(pl.col("message").is_null()).select("lead_id", "touch", "at")
    guessed = sent.join(told, on=["lead_id", "touch"]).filter(pl.col("at") >= pl.col("turned_at")).sort("turned_at")
    nearest = guessed.unique(["lead_id", "touch", "at"], keep="last", maintain_order=True).select("message")
    return pl.concat([named, nearest]).unique().with_columns(is_clicked=pl.lit(True))


def track_lines(counts: pl.DataFrame, *, by_market: bool) -> list[TrackLine]:
    """Return a line a track, or a track and market."""
    summed = counts.group_by("track", *(["market"] if by_market else [])).agg(pl.col("entered", "goal", "left", "exhausted").sum())
    sorted_lines = summed.sort("track", *(["market"] if by_market else []), nulls_last=True)
    return [TrackLine(**{"market": None, **row}) for row in sorted_lines.iter_rows(named=True)]


def touch_lines(cells: pl.DataFrame, order: Mapping[tuple[str, str], int], *, by_market: bool) -> list[TouchLine]:
    """Return a line a touch and variant, or those by market, in the order of the touches in their track, the held-out last."""
    by = ["track", "touch", "variant", *(["market"] if by_market else [])]
    rows = cells.group_by(by).agg(pl.col(*COUNTED).sum()).iter_rows(named=True)
    lines = [TouchLine(**{"market": None, **row}) for row in rows]

    def place(line: TouchLine) -> tuple[object, ...]:
        return line.track, order.get((line.track, line.touch), len(order)), line.touch, line.variant == HOLD_OUT, line.variant, line.market or "~"

    return sorted(lines, key=place)


def contests(lines: Sequence[TouchLine], arms: Arms) -> list[Contest]:
    """Return every variant against its control, p-values adjusted for all of them."""
    found = []
    for track, touch in dict.fromkeys((line.track, line.touch) for line in lines if (line.track, line.touch) in _by_lot(arms)):
        sides = {line.variant: line for line in lines if (line.track, line.touch) == (track, touch) and line.variant in _by_lot(arms)[track, touch]}
        control = HOLD_OUT if HOLD_OUT in sides else next(iter(name for name in _by_lot(arms)[track, touch] if name in sides), "")
        found += [_contest(side, sides[control]) for name, side in sides.items() if name != control]
    adjusted = benjamini_hochberg([each.chance for each in found])
    return [Contest(**{**vars(each), "adjusted": chance}) for each, chance in zip(found, adjusted, strict=True)]


def _contest(side: TouchLine, control: TouchLine) -> Contest:
    counts = (side.turned, side.goal_after, control.turned, control.goal_after)
    chance = chance_of_difference(side.goal_after, side.turned, control.goal_after, control.turned)
    return Contest(side.track, side.touch, side.variant, control.variant, *counts, chance, 1.0)


def _by_lot(arms: Arms) -> dict[tuple[str, str], list[str]]:
    """Return the names of the arms of each touch, over all versions, in the order of the playbook."""
    names: dict[tuple[str, str], list[str]] = {}
    for (_, track, touch), some in arms.items():
        known = names.setdefault((track, touch), [])
        known += [arm.variant for arm in some if arm.variant not in known]
    return names


def ratios(cells: pl.DataFrame, arms: Arms) -> list[Ratio]:
    """Return for each touch with a lot whether its arms were drawn as their versions say."""
    found = []
    for (track, touch), names in _by_lot(arms).items():
        seen, expected = dict.fromkeys(names, 0), dict.fromkeys(names, 0.0)
        of = cells.filter(track=track, touch=touch)
        for (version,), part in of.group_by("version"):
            some = arms.get((str(version), track, touch), ())
            drawn = part.filter(pl.col("variant").is_in([arm.variant for arm in some]))
            for arm in some:
                seen[arm.variant] += int(drawn.filter(variant=arm.variant)["turned"].sum())
                expected[arm.variant] += int(drawn["turned"].sum()) * (arm.until - arm.since)
        found.append(Ratio(track, touch, seen, expected, chance_of_split(list(seen.values()), list(expected.values()))))
    return [ratio for ratio in found if sum(ratio.seen.values())]
