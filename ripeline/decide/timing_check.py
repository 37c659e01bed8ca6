"""What a check finds wrong with windows, caps and fallbacks beyond their shape: windows that never open, caps nobody can keep, zones nobody names."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from ripeline.decide.calendar import WORLD
from ripeline.decide.limits import Caps, Limits
from ripeline.decide.market import Market
from ripeline.decide.problem import Problem
from ripeline.decide.track import Track
from ripeline.decide.window import NeverOpens, Quiet, Window, openings
from ripeline.zones import Zone, ambiguous_countries

_ANY_DAY = datetime(2026, 1, 1, tzinfo=UTC)
_DAYS_A_WEEK = 7


def check_limits(limits: Limits) -> Iterator[Problem]:
    """Yield what is wrong with playbook/limits.toml."""
    if never_opens(limits.window, limits.quiet):
        yield Problem(("window",), f"the window ({limits.window}) lies wholly within {limits.quiet}.", "Nothing could ever go: let them leave some time free.")
    yield from _caps(limits.caps, ("caps",))
    unnamed = [country for country in ambiguous_countries() if country not in limits.fallback.zone]
    if unnamed:
        what = f"{', '.join(unnamed)}: several time zones, and none to assume."
        yield Problem(("fallback", "zone"), what, f"Leads there get {limits.fallback.zone['default']}: name one by country.", is_warning=True)


def check_market_timing(name: str, market: Market, limits: Limits) -> Iterator[Problem]:
    """Yield what is wrong with the window, quiet hours and caps of playbook/markets/<name>.toml."""
    window, quiet = limits.window_for(None, market.window), market.quiet or limits.quiet
    if (market.window or market.quiet) and never_opens(window, quiet):
        yield Problem(
            ("window",) if market.window else ("quiet",),
            f"market '{name}': the window ({window}) lies wholly within {quiet}.",
            "Let them leave some time free.",
        )
    yield from _caps(limits.caps.changed_by(market.caps), ("caps",))


def check_track_timing(track: Track, markets: Mapping[str, Market], limits: Limits) -> Iterator[Problem]:
    """Yield the touches of a track whose window never opens, in a market or everywhere, and those that expire before they can go.

    Where limits.toml alone leaves nothing open, that is told there, once: touches that say nothing of their window are not named.
    """
    told = never_opens(limits.window, limits.quiet)
    for number, touch in enumerate(track.touches):
        for market_name, market in (("", None), *markets.items()) if touch.window or track.window or not told else ():
            window = limits.window_for(track.window, market.window if market else None, touch.window)
            quiet = market.quiet if market and market.quiet else limits.quiet
            if never_opens(window, quiet):
                where = f" in market '{market_name}'" if market else ""
                place = ("touch", number, "window") if touch.window else ("window",)
                yield Problem(place, f"touch '{touch.name}': its window ({window}) lies wholly within {quiet}{where}.", "It could never go: move one of them.")
                break
        if touch.expires is not None and touch.expires.span < timedelta(hours=1):
            place = ("touch", number, "expires")
            yield Problem(place, f"touch '{touch.name}' expires after {touch.expires}.", "Mail goes out by the hour: give it a day or more.", is_warning=True)


def never_opens(window: Window, quiet: Quiet | None) -> bool:
    """Return whether quiet hours leave nothing of a window, on a calendar without holidays."""
    try:
        next(openings(window, Zone("UTC"), WORLD, quiet, since=_ANY_DAY))
    except NeverOpens:
        return True
    return False


def _caps(caps: Caps, place: tuple[str | int, ...]) -> Iterator[Problem]:
    if caps.per_day and caps.per_week and caps.per_day > caps.per_week:
        yield Problem(
            (*place, "per_day"), f"{caps.per_day} a day is more than {caps.per_week} a week.", "The day's cap never binds: lower it.", is_warning=True
        )
    if caps.gap and caps.per_week and caps.gap.span * caps.per_week > timedelta(days=_DAYS_A_WEEK):
        what = f"a gap of {caps.gap} leaves no room for {caps.per_week} a week."
        yield Problem((*place, "gap"), what, "The week's cap never binds: shorten the gap.", is_warning=True)
