"""What `deliver` would say of a planned touch now, and how its instant came about."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col

from models import Enrolment, Lead, Message, MessageKind, MessageState
from ripeline.connect.channels import channel_named
from ripeline.decide.shut import days_off_between
from ripeline.decide.timing import Timing, local_date
from ripeline.playbook.playbook import Playbook
from ripeline.settings import Settings, read_settings
from ripeline.sweep.deliver.case import Case, gather
from ripeline.sweep.deliver.moment import in_hours
from ripeline.sweep.deliver.pace import Pace
from ripeline.sweep.deliver.purpose import held_out_because, leaving_because
from ripeline.sweep.deliver.submit import judge
from ripeline.sweep.deliver.tour import Tour
from ripeline.sweep.deliver.verdict import Ended, PutOff, barred_because, ended_because, paused_because
from ripeline.sweep.schedule.gather import Whose
from ripeline.sweep.schedule.gather import gather as gather_enrolments
from ripeline.sweep.schedule.planning import planned
from ripeline.sweep.schedule.timings import Lives, Timings
from ripeline.sweep.why.answer import Outcome, Slot


@dataclass(frozen=True)
class Sending:
    """By what a touch is judged: as `deliver` would judge it at `now`."""

    session: Session
    playbook: Playbook
    now: datetime
    settings: Settings

    @property
    def tour(self) -> Tour:
        """Return the pass of `deliver` that would judge; it opens nothing."""
        channel = channel_named(self.settings.channel, self.settings)
        return Tour(self.session, self.playbook, self.now, self.settings, read_settings(Pace), channel, worker="why")


@dataclass(frozen=True)
class Told:
    """What stands of a planned touch; see `Why`."""

    outcome: Outcome
    because: str
    slot: Slot
    earliest: datetime | None


def verdict_on(sending: Sending, message: Message) -> Told:
    """Return whether a planned touch goes, by its rule, or the first reason that stops it and the earliest instant it could go."""
    slot = slot_of(sending, message)
    if message.state in (MessageState.CLAIMED, MessageState.SUBMITTING):
        return Told("goes", "a worker is sending it right now", slot, None)
    tour = sending.tour
    case = gather(sending.session, tour.question(message.id))
    assert case is not None, "no lease is asked for, and the message was read a moment ago"
    decided = judge(tour, case) if message.due_at <= sending.now else _foretold(tour, case)
    match decided:
        case PutOff():
            return Told("stopped", decided.reason, slot, decided.until)
        case Ended():
            may_change = decided.state is MessageState.SUPPRESSED
            return Told("stopped", decided.reason, slot, message.due_at if may_change else None)
    return Told("goes", slot.put_off or f"by its rule: {message.rule}", slot, message.due_at)


def _foretold(tour: Tour, case: Case) -> Ended | PutOff | None:
    """Return what stops a touch already whose moment is still to come; its own condition is asked only then."""
    found = (
        barred_because(case.message, case.standing)
        or ended_because(case, tour.now)
        or paused_because(case, tour.now)
        or leaving_because(tour, case)
        or held_out_because(case)
        or _waits_because(case.message)
    )
    if isinstance(found, PutOff):
        found = replace(found, until=max(found.until, case.message.due_at))
    return in_hours(tour, case, found)


def _waits_because(message: Message) -> PutOff | None:
    """Return why `deliver` put a touch off that it looked at before, or None."""
    return PutOff(message.due_at, message.reason) if message.state is MessageState.DEFERRED and message.reason else None


def slot_of(sending: Sending, message: Message) -> Slot:
    """Return how the instant of a message came about."""
    put_off = message.reason if message.reason.startswith("put off from") else ""
    slot = Slot(
        message.due_at, message.local_at, message.zone, message.zone_source, message.resolution.value, message.zone_database, message.rule, put_off
    )  # fmt: skip
    return replace(slot, passed=_passed(sending, message))


def _passed(sending: Sending, message: Message) -> tuple[tuple[date, str], ...]:
    """Return the dates left out since the wait was over; none where it is not known any more when that was."""
    whose = replace(Whose.running(range(message.lead_id, message.lead_id + 1)), enrolments=col(Enrolment.id) == message.enrolment_id)
    whose = replace(whose, leads=col(Lead.id) == message.lead_id)
    found = gather_enrolments(sending.session, range(message.lead_id, message.lead_id + 1), sending.playbook, sending.now, sending.settings.key, whose)
    messages = planned(replace(found, enrolments=found.enrolments.with_columns(barred=None)), sending.playbook, message.planned_at).messages
    row = next((row for row in messages.iter_rows(named=True) if row["touch"] == message.touch), None) if message.kind is MessageKind.TOUCH else None
    if row is None:
        return ()
    return passed_by(timing_of_row(sending, row), row["earliest"], message.due_at)


def timing_of_row(sending: Sending, row: Mapping[str, Any]) -> Timing:
    """Return the timing of a planned row, which has the columns of `Lives`."""
    lives = Lives(*(row[name] for name in Lives._fields))
    return Timings.of_pin(sending.session, sending.playbook, sending.now, (lives.version, lives.track)).timing(lives)


def passed_by(timing: Timing, over: datetime, due_at: datetime) -> tuple[tuple[date, str], ...]:
    """Return the local dates between two instants on which nothing goes, and why."""
    return tuple(days_off_between(local_date(over, timing.zone), local_date(due_at, timing.zone), timing))
