"""How values are written in the letter's language: Babel's formats as template filters."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from babel import Locale
from babel.dates import format_date, format_time
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal

from ripeline.zones import to_local, zone_named

WIDTHS = ("short", "medium", "long", "full")
LONGEST_LIST = 200

Formats = Mapping[str, Callable[..., str]]


def formats_for(locale: str) -> Formats:
    """Return the filters date, datetime, time, number, money and list for a CLDR locale.

    Instants (aware) are shown on the clock of a zone that must be named: `|datetime(meeting.lead_zone)`; days and wall times
    as they stand. Widths are short, medium, long and full; a time alone is short, or medium with seconds. Text in
    ISO 8601 is taken for the day or instant it says. A value of another kind raises ValueError or TypeError.
    """
    here = Locale.parse(locale)

    def date_(value: Any, zone: str | None = None, width: str = "long") -> str:
        moment, width = _on_clock(value, zone, width)
        return format_date(moment, format=_width(width), locale=here)

    def datetime_(value: Any, zone: str | None = None, width: str = "long") -> str:
        moment, width = _on_clock(value, zone, width)
        if not isinstance(moment, datetime):
            raise ValueError("a day without a time: write |date")
        # CLDR's long time ends with a zone that a wall time has not: the date is long, the time short, joined the language's way.
        joined = str(here.datetime_formats[_width(width)]).replace("'", "")
        return joined.format(format_time(moment, "short", locale=here), format_date(moment, _width(width), locale=here))

    def time_(value: Any, zone: str | None = None, width: str = "short") -> str:
        moment, width = (value, width) if isinstance(value, time) else _on_clock(value, zone, width)
        if isinstance(moment, date) and not isinstance(moment, datetime):
            raise ValueError("a day without a time: write |date")
        if width not in ("short", "medium"):
            raise ValueError(f"no width {width!r} for a time: short or medium")
        return format_time(moment, format=width, locale=here)

    def number(value: Any, digits: int | None = None) -> str:
        if digits is None:
            return format_decimal(_number(value), locale=here)
        return format_decimal(round(Decimal(str(_number(value))), min(max(digits, 0), 6)), locale=here)

    def money(value: Any, currency: str) -> str:
        return format_currency(_number(value), currency, locale=here)

    def list_(values: Iterable[Any], style: str = "standard") -> str:
        return format_list([str(value) for value in values][:LONGEST_LIST], style=style, locale=here)  # type: ignore[arg-type]

    return {"date": date_, "datetime": datetime_, "time": time_, "number": number, "money": money, "list": list_}


def _on_clock(value: Any, zone: str | None, width: str) -> tuple[date | datetime, str]:
    if zone in WIDTHS:  # |date("full") reads well, so a width may stand where a zone may
        zone, width = None, str(zone)
    moment = _moment(value)
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        return moment, width
    if zone is None:
        raise ValueError("an instant without a clock: name a zone, such as |datetime(meeting.lead_zone)")
    return to_local(moment, zone_named(zone)), width


def _moment(value: Any) -> date | datetime:
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        return date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
    raise TypeError(f"{type(value).__name__} is neither a day nor an instant")


def _width(width: str) -> Any:
    if width not in WIDTHS:
        raise ValueError(f"no width {width!r}: short, medium, long or full")
    return width


def _number(value: Any) -> Decimal | int | float:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise TypeError(f"{type(value).__name__} is not a number")
    return value
