"""When a rep and a lead meet: the first free half hour inside both working days, each on their own clock and calendar."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ripeline.decide.handoff import Courtesy, MeetingRules
from ripeline.decide.workdays import Interval, NeverWorks, Workdays, later, next_at_work, openings
from ripeline.zones import Zone, offset_at, to_local

GRID = timedelta(minutes=30)
"""Meetings begin on the full and the half hour of the lead's clock."""


@dataclass(frozen=True)
class Proposal:
    """A time for a meeting, aware UTC. `because` says how it was found, for the rep."""

    starts_at: datetime
    ends_at: datetime
    because: str


@dataclass(frozen=True)
class NoTime:
    """There is no time for a meeting, and why."""

    because: str


def propose(
    lead: Workdays,
    rep: Workdays,
    rules: MeetingRules,
    *,
    now: datetime,
    told_at: datetime | None = None,
    taken: Sequence[Interval] = (),
    not_before: datetime | None = None,
) -> Proposal | NoTime:
    """Return the first time that suits both, leaves `notice` to both, and touches none of `taken`, the rep's other meetings.

    The rep's notice runs from `now`, the lead's from `told_at`, when the invite can be read (None: when the lead is next at
    work); `not_before` bounds it further. Only where the two working days never meet at all are they widened, as `courtesy`
    says; `within` bounds how far to look.
    """
    try:
        told = told_at or next_at_work(now, lead)
        after = max(later(told, rules.notice, lead), later(now, rules.notice, rep), not_before or now)
        return _first_free(lead, rep, rules, after, taken)
    except NeverWorks as error:
        return NoTime(f"{lead.zone.name} or {rep.zone.name}: {error}")


def _first_free(lead: Workdays, rep: Workdays, rules: MeetingRules, after: datetime, taken: Sequence[Interval]) -> Proposal | NoTime:
    until, length = after + rules.within.span, rules.length.span
    for wide_lead, wide_rep, note in _widened(lead, rep, rules.courtesy):
        do_they_meet = False
        for starts_at in _slots(_both(wide_lead, wide_rep, after, until), after, length, lead.zone):
            do_they_meet = True
            if not any(begins < starts_at + length and starts_at < ends for begins, ends in taken):
                return Proposal(starts_at, starts_at + length, note and f"{note}: {_told(starts_at, lead.zone, rep.zone)}")
        if do_they_meet:
            return NoTime(f"every half hour that suits both is taken within {rules.within}")
    return NoTime(f"the working days in {lead.zone.name} and {rep.zone.name} share no time within {rules.within}")


def _widened(lead: Workdays, rep: Workdays, courtesy: Courtesy) -> Iterator[tuple[Workdays, Workdays, str]]:
    yield lead, rep, ""
    if courtesy.lead:
        lead = lead.with_span(courtesy.lead)
        yield lead, rep, "outside office hours for the lead, since the two working days never meet"
    if courtesy.rep:
        yield lead, rep.with_span(courtesy.rep), "outside office hours, since the two working days never meet"


def _both(lead: Workdays, rep: Workdays, since: datetime, until: datetime) -> Iterator[Interval]:
    """Yield when both are at work, in order."""
    leads, reps = openings(lead, since, until), openings(rep, since, until)
    leads_day, reps_day = next(leads, None), next(reps, None)
    while leads_day and reps_day:
        begins, ends = max(leads_day[0], reps_day[0]), min(leads_day[1], reps_day[1])
        if begins < ends:
            yield begins, ends
        if leads_day[1] <= reps_day[1]:
            leads_day = next(leads, None)
        else:
            reps_day = next(reps, None)


def _slots(intervals: Iterator[Interval], after: datetime, length: timedelta, zone: Zone) -> Iterator[datetime]:
    for begins, ends in intervals:
        starts_at = _on_grid(max(begins, after), zone)
        while starts_at + length <= ends:
            yield starts_at
            starts_at = _on_grid(starts_at + timedelta(microseconds=1), zone)


def _on_grid(at: datetime, zone: Zone) -> datetime:
    """Return the first instant at or after `at` at which the clock of `zone` shows a full or half hour."""
    offset = offset_at(at, zone)
    past = (at.astimezone(UTC) - datetime(2000, 1, 1, tzinfo=UTC) + offset) % GRID
    return at if not past else at + (GRID - past)


def _told(at: datetime, lead: Zone, rep: Zone) -> str:
    return f"{to_local(at, lead):%H:%M} in {lead.name}, {to_local(at, rep):%H:%M} in {rep.name}"
