"""The timings of touches: what track, market, limits and the lead's own place make of them together."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

import polars as pl
from sqlmodel import Session

from ripeline.decide.segment import Pin
from ripeline.decide.timing import Timing
from ripeline.decide.touch import Touch
from ripeline.decide.track import Track
from ripeline.playbook.applied import playbook_version
from ripeline.playbook.playbook import Playbook
from ripeline.sweep.living import calendar_for, zone_for
from ripeline.values import Refusal
from ripeline.zones import Whereabouts, Zone

NUMBERED = {"timing": pl.Int32(), "lives_in": pl.String(), "zone_source": pl.String(), "window_text": pl.String()}
"""The columns of what `Timings.number` returns."""


class Lives(NamedTuple):
    """All that a touch's timing hangs on: the lead's Whereabouts and market, and the touch in the track of a playbook version."""

    zone: str | None
    city: str | None
    region: str | None
    country: str | None
    inferred_zone: str | None
    inferred_from: str | None
    market: str | None
    version: str
    track: str
    touch: str


@dataclass
class Timings:
    """Works each timing out once and numbers the distinct ones from 0. Windows, caps and calendars are always the live playbook's."""

    playbook: Playbook
    tracks: Mapping[Pin, Track]
    now: datetime
    _numbers: dict[Timing, int] = field(default_factory=dict)

    @classmethod
    def of_pin(cls, session: Session, playbook: Playbook, now: datetime, pin: Pin) -> "Timings":
        """Return timings that know one track."""
        return cls(playbook, {pin: pinned_track(session, pin, playbook)}, now)

    @property
    def listed(self) -> list[Timing]:
        """Return the distinct timings in the order of their numbers."""
        return list(self._numbers)

    def number(self, lives: Lives) -> tuple[int, str, str, str]:
        """Return the number of a timing, the lead's zone and where it came from, and the window in words."""
        zone, timing = self._zone(lives), self.timing(lives)
        return self._numbers.setdefault(timing, len(self._numbers)), zone.name, zone.source, str(timing.window)

    def timing(self, lives: Lives) -> Timing:
        """Return the timing: where a touch, a market and a track say different things, they win in this order."""
        track, touch = self.tracks[lives.version, lives.track], self.touch(lives)
        market, limits = self.playbook.markets.get(lives.market or ""), self.playbook.limits
        window = limits.window_for(track.window, market.window if market else None, touch.window if touch else None)
        quiet = market.quiet if market and market.quiet else limits.quiet
        calendar = calendar_for(lives.country, lives.region, self.playbook, self.now, lives.market)
        return Timing(Zone(self._zone(lives).name), calendar, window, quiet, limits.caps.changed_by(market.caps if market else None))

    def touch(self, lives: Lives) -> Touch | None:
        """Return the touch as its enrolment is bound to it; None: the track has none of this name."""
        return next((each for each in self.tracks[lives.version, lives.track].touches if each.name == lives.touch), None)

    def _zone(self, lives: Lives) -> Zone:
        return zone_for(Whereabouts(*lives[: len(Whereabouts._fields)]), self.playbook)


def pinned_track(session: Session, pin: Pin, playbook: Playbook) -> Track:
    """Return the track that an enrolment is bound to: as it was in the version that the lead entered it by."""
    version, name = pin
    of = playbook if version == playbook.hash else playbook_version(session, version)
    if name not in of.tracks:
        raise Refusal(f"playbook version {version[:12]} has no track '{name}', yet a lead is in it: apply that version's playbook again")
    return of.tracks[name]
