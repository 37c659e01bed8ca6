"""Proof of the hours: was each letter inside the window of its track, touch and market, on its reader's clock and calendar?

Judged anew from the playbook and the instant of sending, not from what was planned.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ripeline.connect.calendars.holidays import days_off
from ripeline.decide.calendar import WORLD, Calendar
from ripeline.decide.window import Quiet, Window, is_open
from ripeline.playbook.playbook import Playbook
from ripeline.zones import zone_named


@dataclass(frozen=True)
class Sent:
    """A touch that went out at `at` (aware, UTC), and what its hours hang on. `wanted` is the locale the lead asked for."""

    at: datetime
    zone: str
    locale: str
    wanted: str | None
    track: str | None
    touch: str
    market: str | None
    country: str | None
    region: str | None


def outside(touches: Iterable[Sent], playbook: Playbook) -> int:
    """Return how many touches went out while their own window was shut."""
    return sum(not is_open(sent.at, zone_named(sent.zone), window_of(sent, playbook), _calendar(sent, playbook), _quiet(sent, playbook)) for sent in touches)


def widest(touches: Iterable[Sent], playbook: Playbook) -> tuple[int, int] | None:
    """Return the hours, last one excluded, that the windows of these touches span together; None where there are none or one runs over midnight."""
    windows = {window_of(sent, playbook) for sent in touches}
    if not windows or any(window.is_overnight for window in windows):
        return None
    return min(window.opens.hour for window in windows), max(window.closes.hour + bool(window.closes.minute) for window in windows)


def window_of(sent: Sent, playbook: Playbook) -> Window:
    """Return the window that holds for a touch."""
    track = playbook.tracks.get(sent.track or "")
    market = playbook.markets.get(sent.market or "")
    touch = next((each.window for each in track.touches if each.name == sent.touch), None) if track else None
    return playbook.limits.window_for(track.window if track else None, market.window if market else None, touch)


def _quiet(sent: Sent, playbook: Playbook) -> Quiet | None:
    market = playbook.markets.get(sent.market or "")
    return (market.quiet if market else None) or playbook.limits.quiet


def _calendar(sent: Sent, playbook: Playbook) -> Calendar:
    years = range(sent.at.year - 1, sent.at.year + 2)
    off = days_off((sent.country or "").upper(), sent.region or "", years, playbook.limits.holidays.estimated)
    return WORLD if off is None else Calendar(off.name, off.weekend, off.holidays, years, off.weekly)
