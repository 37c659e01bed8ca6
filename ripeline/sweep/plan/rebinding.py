"""Binding people in flight to an edited playbook, in frames: their touches by the new names, what they will not get any more told touch by touch."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import polars as pl
import sqlalchemy as sa
from sqlmodel import Session, col

from models import Enrolment, Message
from ripeline.decide.lineage import Lineage, NewNames, in_new_names, in_new_tracks
from ripeline.decide.place import had_by, led_past, passed_over
from ripeline.decide.touch import GO_TO, WENT_ON
from ripeline.decide.track import Track
from ripeline.playbook.playbook import Playbook
from ripeline.sweep.bulk_read import read_bulk
from ripeline.sweep.schedule.edited import LED_PAST, PASSED_OVER, is_passed_over
from ripeline.sweep.schedule.gather import FRESH, Found

PASSED = {"enrolment_id": pl.Int64(), "touch": pl.String()}
OVER = {"enrolment_id": pl.Int64(), "lead_id": pl.Int64(), "track": pl.String(), "touch": pl.String(), "reason": pl.String()}


@dataclass(frozen=True)
class Rebound:
    """found: as `schedule` would find people had they entered by the edited playbook. over: OVER, touches that they will never get, and why."""

    found: Found
    over: pl.DataFrame


def passed_before(session: Session, ids: range) -> pl.DataFrame:
    """Return PASSED: touches that an earlier edit put in behind the place of a lead among `ids`."""
    columns = col(Message.enrolment_id), col(Message.touch)
    query = sa.select(*columns).join(Enrolment, col(Enrolment.id) == col(Message.enrolment_id))
    those = query.where(col(Enrolment.ended_at).is_(None), col(Message.lead_id).between(ids.start, ids.stop - 1), is_passed_over())
    return read_bulk(session.get_bind().engine, those, PASSED)


def rebound(found: Found, playbook: Playbook, lineage: Lineage, passed: pl.DataFrame) -> Rebound:
    """Return what was found, with every enrolment bound to `playbook`. Enrolments whose track is gone are left out; touches in `passed` are judged anew.

    `days` stay those that the touches of the old tracks hang on: who plans by the new ones reads theirs.
    """
    names = lineage.names_in(playbook.tracks)
    here = found.enrolments.filter(pl.col("track").replace(names.tracks).is_in(list(playbook.tracks)))
    done = found.done.join(passed, on=["enrolment_id", "touch"], how="anti")
    over = _over(replace(found, enrolments=here, done=done), playbook.tracks, names, passed)
    marks = over.select("enrolment_id", "touch", variant=pl.lit(""), went_at=pl.lit(None, found.done.schema["went_at"]))
    bound = in_new_tracks(here, names).with_columns(version=pl.lit(playbook.hash))
    tracks = {(playbook.hash, name): playbook.tracks[name] for name in bound["track"].unique().sort()}
    fresh = _fresh(replace(found, enrolments=here), playbook.tracks, names)
    return Rebound(replace(found, enrolments=bound, done=pl.concat([_renamed(done, here, names), marks]), tracks=tracks, fresh=fresh), over)


def _renamed(done: pl.DataFrame, enrolments: pl.DataFrame, names: NewNames) -> pl.DataFrame:
    """Return the touches that are over by their new names. What a way on led past is told touch by touch, so it does not count by its target any more."""
    tracked = in_new_names(done.join(enrolments.select("enrolment_id", "track"), on="enrolment_id", how="inner"), names)
    told = pl.col("variant")
    return tracked.with_columns(variant=pl.when(told.str.starts_with(GO_TO)).then(told.str.replace(GO_TO, WENT_ON, literal=True)).otherwise(told)).select(
        done.columns
    )


def _fresh(found: Found, tracks: Mapping[str, Track], names: NewNames) -> pl.DataFrame:
    """Return FRESH: the touches that the tracks of these enrolments did not have until now."""
    parts = [pl.DataFrame(schema=FRESH)]
    for (version, name), part in found.enrolments.group_by("version", "track"):
        old, today = found.tracks[str(version), str(name)], names.track(str(name))
        promised = had_by([touch.name for touch in old.touches], tracks[today], names.touches[today])
        brought = [touch.name for touch in tracks[today].touches if touch.name not in promised]
        parts += [part.select("enrolment_id", touch=pl.lit(touch)) for touch in brought]
    return pl.concat(parts)


def _over(found: Found, tracks: Mapping[str, Track], names: NewNames, passed: pl.DataFrame) -> pl.DataFrame:
    """Return OVER, worked out once for each distinct past."""
    went = pl.col("variant").str.starts_with(GO_TO)
    told = found.done.group_by("enrolment_id").agg(had=pl.col("touch").sort(), targets=pl.col("variant").filter(went).str.strip_prefix(GO_TO).sort())
    before = passed.group_by("enrolment_id").agg(over=pl.col("touch").sort())
    pasts = found.enrolments.join(told, on="enrolment_id", how="inner").join(before, on="enrolment_id", how="left")
    parts = [pl.DataFrame(schema=OVER)]
    for (version, name, had, targets, over), part in pasts.group_by("version", "track", "had", "targets", "over"):
        today = names.track(str(name))
        told_touches = _over_of(found.tracks[str(version), str(name)], tracks[today], (had, targets, over or ()), names.touches[today])
        parts += [part.select("enrolment_id", "lead_id", track=pl.lit(today), touch=pl.lit(touch), reason=pl.lit(reason)) for touch, reason in told_touches]
    return pl.concat(parts)


def _over_of(old: Track, new: Track, past: tuple[Collection[str], Collection[str], Collection[str]], names: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return each touch of the new track that a lead of this past (had, gone on to, passed over) will not get, and why."""
    had, targets, over = past
    skipped = led_past(old, {*had, *over}, targets)
    led = [touch.name for touch in new.touches if touch.name in had_by(skipped, new, names)]
    behind = [touch for touch in passed_over(old, new, [*had, *skipped], names, over) if touch not in led]
    return [*((touch, LED_PAST) for touch in led), *((touch, PASSED_OVER) for touch in behind)]
