"""How leads and reps live: their zone, their working hours, the days they are off."""

from datetime import date, datetime

from models import Lead
from ripeline.connect.calendars.holidays import days_off
from ripeline.decide.calendar import WORLD, Calendar
from ripeline.decide.handoff import Rep
from ripeline.decide.hours import Span
from ripeline.decide.window import first_open_instant
from ripeline.decide.workdays import Workdays
from ripeline.playbook.playbook import Playbook
from ripeline.sweep.handoff.judged_by import JudgedBy
from ripeline.sweep.living import whereabouts_of, zone_for
from ripeline.zones import Zone, to_local, zone_named


def lead_workdays(lead: Lead, market: str | None, by: JudgedBy) -> Workdays:
    """Return when a lead can be met: in the hours of its market, else of handoff.toml, on its country's working days."""
    return Workdays(_zone(lead, by.playbook), _hours(market, by.playbook), _calendar(lead.country, lead.region, by).is_business)


def invite_due_at(lead: Lead, market: str | None, by: JudgedBy) -> datetime:
    """Return when an invite may go to a lead: the next instant of its window outside quiet hours. Raises NeverOpens."""
    overlay = by.playbook.markets.get(market) if market else None
    window = by.playbook.limits.window_for(market=overlay.window if overlay else None)
    quiet = (overlay.quiet if overlay else None) or by.playbook.limits.quiet
    return first_open_instant(by.now, _zone(lead, by.playbook), window, _calendar(lead.country, lead.region, by), quiet)


def rep_workdays(rep: Rep, by: JudgedBy) -> Workdays:
    """Return when a rep works: their hours and weekdays, without their country's public holidays and the days they are away."""
    holidays = _calendar(rep.holiday_country, rep.region, by).holidays

    def works_on(day: date) -> bool:
        return day.weekday() in rep.hours.days and day not in holidays and not rep.is_away(day)

    return Workdays(zone_named(rep.zone), rep.hours, works_on)


def rep_today(rep: Rep, by: JudgedBy) -> date:
    """Return the date on a rep's own clock."""
    return to_local(by.now, zone_named(rep.zone)).date()


def _zone(lead: Lead, playbook: Playbook) -> Zone:
    return zone_for(whereabouts_of(lead), playbook)


def _hours(market: str | None, playbook: Playbook) -> Span:
    usual = playbook.handoff.meeting.hours
    overlay = playbook.markets.get(market) if market else None
    if overlay is None or overlay.window is None:
        return usual
    opens, closes = overlay.window.opens or usual.opens, overlay.window.closes or usual.closes
    return usual.model_copy(update={"opens": opens, "closes": closes}) if opens < closes else usual


def _calendar(country: str | None, region: str | None, by: JudgedBy) -> Calendar:
    years = range(by.now.year - 1, by.now.year + 2)
    off = days_off((country or "").upper(), region or "", years, by.playbook.limits.holidays.estimated)
    return Calendar(off.name, off.weekend, off.holidays, years, off.weekly) if off else WORLD
