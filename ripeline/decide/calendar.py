"""A calendar: on which dates people of a country, or a part of it, do not work."""

from dataclasses import dataclass, field
from datetime import date, timedelta

SATURDAY, SUNDAY = 5, 6


@dataclass(frozen=True)
class Calendar:
    """Days off by date, since countries move their weekends; outside `years` only the `weekly` days off are known.

    `weekend` and `holidays` are dates; `weekly` holds weekdays, Monday is 0. `name` is the country and its part, such as DE-BY,
    or empty where nothing is known: then Saturday and Sunday are off. On dates of the `blackout` nothing of ours goes, whoever works.
    """

    name: str = ""
    weekend: frozenset[date] = frozenset()
    holidays: frozenset[date] = frozenset()
    years: range = range(0)
    weekly: frozenset[int] = field(default=frozenset((SATURDAY, SUNDAY)))
    blackout: frozenset[date] = frozenset()

    def is_weekend(self, day: date) -> bool:
        return day in self.weekend if day.year in self.years else day.weekday() in self.weekly

    def is_business(self, day: date) -> bool:
        """Return whether people work on this date."""
        return not self.is_weekend(day) and day not in self.holidays

    def business_day_after(self, day: date, count: int) -> date:
        """Return the `count`-th business day after a date, which is not counted itself; for 0 the date, or the next one people work on.

        A calendar that leaves no day of a year to work on raises ValueError.
        """
        left, ahead = count, day
        if count == 0:
            left, ahead = 1, day - timedelta(days=1)
        idle = 0
        while left:
            ahead += timedelta(days=1)
            idle = 0 if self.is_business(ahead) else idle + 1
            left -= idle == 0
            if idle > 366:
                raise ValueError(f"calendar {self.name!r} has no business day in the year after {day}")
        return ahead


WORLD = Calendar()
"""The calendar of a country that nobody knows: Saturday and Sunday."""
