"""The rules of handing leads to sales: playbook/handoff.toml as values."""

import re
from datetime import date
from typing import Self

from pydantic import Field, field_validator, model_validator

from ripeline.decide.duration import Duration, Elapsed, Lasting, Unit
from ripeline.decide.entry import Entry
from ripeline.decide.hours import Hours, Span
from ripeline.decide.points import Points


class Away(Entry):
    """Days on which a rep is not there, first and last included, on the rep's calendar."""

    first: date = Field(alias="from")
    last: date = Field(alias="to")

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.first > self.last:
            raise ValueError(f"away from {self.first} to {self.last} ends before it begins: exchange the dates")
        return self

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


class Rep(Entry):
    """Somebody in sales, as leads and cards see them.

    `home` (default: the first of `countries`) and `region` name the calendar of public holidays; `fallback` takes leads of
    any country; `capacity` counts open hand-offs; `location` is where meetings are, such as a link to join.
    """

    name: str
    email: str
    languages: tuple[str, ...] = Field(min_length=1)
    countries: tuple[str, ...] = ()
    fallback: bool = False
    zone: str
    home: str | None = None
    region: str | None = None
    hours: Hours = Field(default_factory=lambda: Hours.model_validate({"from": "09:00", "to": "17:00"}))
    capacity: int = Field(default=20, ge=1)
    title: str | None = None
    phone: str | None = None
    location: str | None = None
    calendar: str | None = None
    away: tuple[Away, ...] = ()

    @field_validator("name")
    @classmethod
    def _can_be_part_of_a_key(cls, name: str) -> str:
        if not name.strip() or ":" in name or not name.isprintable():
            raise ValueError(f"{name!r} is not a rep's name: write letters and spaces, no colon")
        return name

    @field_validator("email")
    @classmethod
    def _can_be_written_to(cls, email: str) -> str:
        if not re.fullmatch(r"[^@\s<>\"]+@[^@\s<>\"]+\.[^@\s<>\".]+", email):
            raise ValueError(f"{email!r} is not a mail address: write it as name@example.com")
        return email

    @property
    def holiday_country(self) -> str | None:
        """Return the country whose public holidays this rep keeps; None: nobody said."""
        return self.home or next(iter(self.countries), None)

    def is_away(self, day: date) -> bool:
        return any(day in away for away in self.away)


class Courtesy(Entry):
    """How far a meeting may leave office hours where the two working days never meet. None: that side never does."""

    lead: Span | None = None
    rep: Span | None = None


class MeetingRules(Entry):
    """How long a meeting is, how long before both know, how often another time is offered, and where it may lie."""

    length: Lasting = Duration(30, Unit.MINUTE)
    notice: Duration = Duration(1, Unit.BUSINESS_DAY)
    offers: int = Field(default=3, ge=1)
    within: Elapsed = Duration(21, Unit.DAY)
    hours: Span = Field(default_factory=lambda: Span.model_validate({"from": "09:00", "to": "17:00"}))
    courtesy: Courtesy = Courtesy()


class Sla(Entry):
    """What sales promises: how soon a rep takes a lead, and how soon the rep writes or calls."""

    accept: Duration = Duration(4, Unit.BUSINESS_HOUR)
    first_touch: Duration = Duration(1, Unit.BUSINESS_DAY)


class HandoffRules(Entry):
    """All of playbook/handoff.toml. `offer_at` None: no card without an invite's score. Thresholds are whole hundredths, as scores are."""

    invite_at: Points = 7500
    offer_at: Points | None = None
    leave_at: Points = 6500
    cooling: Duration = Duration(60, Unit.DAY)
    sla: Sla = Sla()
    meeting: MeetingRules = MeetingRules()
    reps: tuple[Rep, ...] = Field(default=(), alias="rep")

    @property
    def threshold(self) -> int:
        """Return the total, in hundredths, from which a lead goes to sales at all."""
        return self.invite_at if self.offer_at is None else min(self.offer_at, self.invite_at)

    def rep_named(self, name: str | None) -> Rep | None:
        """Return the rep; None where nobody has this name (any more)."""
        return next((rep for rep in self.reps if rep.name == name), None)
