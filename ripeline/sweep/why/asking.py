"""Finding the answer: the message that is on its way, the touch somebody asks for, or what keeps the lead without one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
from sqlmodel import Session, col, select

from models import LIVE_STATES, Enrolment, Message, MessageKind
from ripeline.decide.literal import did_you_mean
from ripeline.decide.segment import Pin
from ripeline.decide.track import Track
from ripeline.playbook.lineage import lineage_of
from ripeline.playbook.playbook import Playbook
from ripeline.settings import Settings
from ripeline.sweep.schedule.edited import NEVER_PLANNED
from ripeline.sweep.schedule.reasons import NOT_RUN, why_not_planned
from ripeline.sweep.schedule.timings import pinned_track
from ripeline.sweep.why.answer import Ahead, Kept, Outcome, Slot, Why
from ripeline.sweep.why.foresight import rows_ahead
from ripeline.sweep.why.going import Sending, passed_by, slot_of, timing_of_row, verdict_on
from ripeline.sweep.why.tracks import Standing, standing_of
from ripeline.values import Refusal
from ripeline.zones import database_version


@dataclass(frozen=True)
class Life:
    """All that is known of one lead's tracks. messages: its touches; rows: those to come, as `rows_ahead` gives them; standing None: it was erased."""

    lead_id: int
    sending: Sending
    enrolments: Mapping[int, Enrolment]
    tracks: Mapping[Pin, Track]
    messages: list[Message]
    rows: pl.DataFrame
    standing: Standing | None

    @property
    def ahead(self) -> tuple[Ahead, ...]:
        if self.rows.is_empty():
            return ()
        columns = self.rows.select("track", "touch", "due_at", pl.col("local_at").dt.strftime("%Y-%m-%dT%H:%M:%S"), "lives_in")
        return tuple(Ahead(*row) for row in columns.iter_rows())

    @property
    def spent(self) -> dict[str, datetime]:
        """Return when each running track will have sent all, if all goes as planned."""
        live = [(where.track, m.due_at) for m in self.messages if m.state in LIVE_STATES and (where := self.enrolments.get(m.enrolment_id or 0))]
        last: dict[str, datetime] = {}
        for track, at in [*live, *((each.track, each.due_at) for each in self.ahead)]:
            last[track] = max(at, last.get(track, at))
        return last


def why(session: Session, lead_id: int, playbook: Playbook, now: datetime, settings: Settings, touch: str | None = None) -> Why:
    """Return why a lead gets its next touch, or the one called `touch`, when it does, or the first reason that stops it, as of `now`.

    Reads only. A touch that no track ever had raises Refusal.
    """
    life = _life(session, lead_id, playbook, now, settings)
    wanted = [each for each in life.messages if touch is None or each.touch == touch]
    live = next((each for each in wanted if each.state in LIVE_STATES), None)
    if live is not None:
        return _on_its_way(life, live)
    if touch is None:
        return _next(life)
    had = next((each for each in wanted if each.enrolment_id in life.enrolments), None)
    return _had_its_turn(life, had) if had else _asked_for(life, touch, playbook)


def _life(session: Session, lead_id: int, playbook: Playbook, now: datetime, settings: Settings) -> Life:
    open_ones = session.exec(select(Enrolment).where(col(Enrolment.lead_id) == lead_id, col(Enrolment.ended_at).is_(None))).all()
    touches = select(Message).where(col(Message.lead_id) == lead_id, col(Message.kind) == MessageKind.TOUCH)
    tracks = {(each.version, each.track): pinned_track(session, (each.version, each.track), playbook) for each in open_ones}
    return Life(
        lead_id,
        Sending(session, playbook, now, settings),
        {each.id: each for each in open_ones if each.id is not None},
        tracks,
        list(session.exec(touches.order_by(col(Message.due_at).desc()))),
        rows_ahead(session, lead_id, playbook, now, settings.key),
        standing_of(session, lead_id, playbook, now),
    )


def _on_its_way(life: Life, message: Message) -> Why:
    enrolment = life.enrolments.get(message.enrolment_id or 0)
    told = verdict_on(life.sending, message)
    return _why(life, told.outcome, told.because, enrolment, message.touch, state=message.state.value, slot=told.slot, earliest=told.earliest)


def _next(life: Life) -> Why:
    """Return why nothing is planned, and when the next touch could go all the same."""
    because = why_not_planned(life.sending.session, [life.lead_id], now=life.sending.now, settings=life.sending.settings).get(life.lead_id, NOT_RUN)
    if life.standing is not None and because == "in no track" and (barred := life.standing.barred_because()):
        because = f"in no track: {barred}"
    if life.rows.is_empty():
        return _why(life, "nothing" if because != NOT_RUN else "stopped", because, next(iter(life.enrolments.values()), None))
    row = life.rows.row(0, named=True)
    outcome: Outcome = "goes" if because == NOT_RUN else "stopped"
    enrolment = life.enrolments[row["enrolment_id"]]
    return _why(life, outcome, because, enrolment, row["touch"], slot=_slot_of_row(life, row), earliest=row["due_at"])


def _had_its_turn(life: Life, message: Message) -> Why:
    """A touch goes to a lead once an enrolment, however its turn ended; one that only keeps a place never had any."""
    enrolment = life.enrolments.get(message.enrolment_id or 0)
    if message.reason in NEVER_PLANNED:
        return _why(life, "stopped", message.reason, enrolment, message.touch, state=message.state.value)
    went = message.accepted_at or message.in_doubt_at
    said = f"it went out on {went:%Y-%m-%d %H:%M}Z: nobody gets a touch twice" if went else message.reason or message.state.value
    return _why(life, "done", said, enrolment, message.touch, state=message.state.value, slot=slot_of(life.sending, message))


def _asked_for(life: Life, touch: str, playbook: Playbook) -> Why:
    if not life.rows.is_empty() and touch in life.rows["touch"]:
        return _comes_later(life, touch)
    names = lineage_of(life.sending.session, playbook).names_in(playbook.tracks)
    for enrolment in life.enrolments.values():
        pinned, live = life.tracks[enrolment.version, enrolment.track], playbook.tracks.get(names.track(enrolment.track))
        if pinned.position(touch) is not None:
            return _why(life, "stopped", "its place in the track is passed: the lead went on to a later touch, or all was sent", enrolment, touch)
        if live is not None and live.position(touch) is not None:
            because = f"the lead is on version {enrolment.version[:12]} of its track, which has no touch '{touch}': `ripeline plan` shows what moving it does"
            return _why(life, "stopped", because, enrolment, touch)
    return _of_another_track(life, touch, playbook)


def _comes_later(life: Life, touch: str) -> Why:
    row = next(row for row in life.rows.iter_rows(named=True) if row["touch"] == touch)
    first = _next(life) if not any(each.state in LIVE_STATES for each in life.messages) else None
    before = [each.touch for each in life.ahead if each.track == row["track"] and each.due_at < row["due_at"]]
    before = [each.touch for each in life.messages if each.state in LIVE_STATES and each.enrolment_id == row["enrolment_id"]] + before
    if first is not None and first.outcome == "stopped":
        because = first.because
    elif before:
        because = f"it comes after {', '.join(before)}"
    else:
        because = NOT_RUN
    outcome: Outcome = "goes" if because == NOT_RUN else "stopped"
    return _why(life, outcome, because, life.enrolments[row["enrolment_id"]], touch, slot=_slot_of_row(life, row), earliest=row["due_at"])


def _of_another_track(life: Life, touch: str, playbook: Playbook) -> Why:
    name = next((name for name, track in playbook.tracks.items() if track.position(touch) is not None), None)
    if name is None:
        known = sorted({each.name for track in playbook.tracks.values() for each in track.touches})
        raise Refusal(f"no track has a touch '{touch}'. {did_you_mean(touch, known, 'ripeline check reads them all')}")
    if life.standing is None:
        return _why(life, "stopped", "erased", touch=touch)
    if barred := life.standing.barred_because():
        return _why(life, "stopped", f"it belongs to track '{name}', and the lead may be in none: {barred}", touch=touch)
    kept = next((each for each in _kept(life) if each.track == name), None)
    why_not = kept.because if kept else f"to enter it, {life.standing.enters_because(name)}"
    return _why(life, "stopped", f"it belongs to track '{name}': {why_not}", touch=touch, earliest=kept.at if kept else None)


def _kept(life: Life) -> tuple[Kept, ...]:
    return () if life.standing is None else tuple(life.standing.kept(life.sending.now, life.spent))


def _slot_of_row(life: Life, row: Mapping[str, Any]) -> Slot:
    timing = timing_of_row(life.sending, row)
    local_at, put_off = row["local_at"], ""
    if row["cap"] is not None:
        put_off = f"put off from {row['first_local_at']:%Y-%m-%d %H:%M} by the {row['cap']}"
    passed = passed_by(timing, row["earliest"], row["due_at"])
    return Slot(
        row["due_at"], local_at.isoformat(timespec="seconds"), row["lives_in"], row["zone_source"], row["resolution"], database_version(), row["rule"],
        put_off, passed,
    )  # fmt: skip


def _why(life: Life, outcome: Outcome, because: str, enrolment: Enrolment | None = None, touch: str | None = None, **more: Any) -> Why:
    track, version = (enrolment.track, enrolment.version) if enrolment else (None, None)
    return Why(life.lead_id, outcome, because, track, version, touch, ahead=life.ahead, kept=_kept(life), **more)
