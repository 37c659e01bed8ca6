"""What a text is worth: numbers, flags, dates, instants, choices. What it cannot be is refused with the remedy."""

import math
import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl

from ripeline.frames import INSTANT
from ripeline.playbook.mapping import UNIX
from ripeline.values import Refusal
from ripeline.zones import Zone, to_utc

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
LEEWAY = timedelta(minutes=5)
"""What happened may lie this far ahead of `now`, since clocks differ."""

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,4})?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:[, _’'\u00a0\u202f]\d{3})+(?:\.\d+)?")
_FLAGS = {word: truth for truth, words in ((True, "true yes y 1 on t"), (False, "false no n 0 off f")) for word in words.split()}
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_ORDERS = ("%d{0}%m{0}%Y", "%m{0}%d{0}%Y", "%Y{0}%m{0}%d", "%d{0}%m{0}%y", "%m{0}%d{0}%y", "%y{0}%m{0}%d")
_CLOCKS = {0: "", 1: " %H:%M", 2: " %H:%M:%S"}
"""How a clock behind a date is written, by how many colons it has."""
_LARGEST_WHOLE = 2**53

Read = Callable[[str], Any]


def converted(column: pl.Series, read: Read, dtype: pl.DataType) -> tuple[pl.Series, pl.Series]:
    """Return a column of texts read by `read`, and beside it why a text was refused, or null. Each distinct text is read once."""
    good: dict[str, Any] = {}
    bad: dict[str, str] = {}
    for text in column.drop_nulls().unique().to_list():
        try:
            good[text] = read(text)
        except Refusal as refusal:
            bad[text] = str(refusal)
    return _looked_up(column, good, dtype), _looked_up(column, bad, pl.String())


def _looked_up(column: pl.Series, table: dict[str, Any], dtype: pl.DataType) -> pl.Series:
    if not table:
        return pl.Series(column.name, [None] * len(column), dtype)
    return column.replace_strict(list(table), pl.Series(list(table.values()), dtype=dtype), default=None, return_dtype=dtype)


def by_distinct(column: pl.Series, change: Callable[[pl.Expr], pl.Expr]) -> pl.Series:
    """Return a column of texts changed by an expression that is worked out once for each distinct text."""
    texts = column.drop_nulls().unique()
    changed = texts.to_frame("text").select(change(pl.col("text"))).to_series()
    differs = texts != changed
    return column.replace(texts.filter(differs), changed.filter(differs)) if differs.any() else column


def number(text: str) -> float:
    """Return the finite number a text is; thousands may be set apart by commas, spaces or apostrophes."""
    plain = re.sub(r"[, _’'\u00a0\u202f]", "", text) if _GROUPED.fullmatch(text) else text
    if not _NUMBER.fullmatch(plain) or not math.isfinite(float(plain)):
        raise Refusal(f"'{text}' is no number: write digits with a point, such as 1250.5")
    return float(plain)


def whole_number(text: str) -> int:
    """Return the whole number, zero or more, a text is."""
    value = number(text)
    if value != int(value) or not 0 <= value <= _LARGEST_WHOLE:
        raise Refusal(f"'{text}' is no whole number of zero or more")
    return int(value)


def seconds(text: str) -> int:
    """Return a length in whole seconds, halves to even."""
    return whole_number(str(round(number(text))))


def number_text(text: str) -> str:
    """Return a number in its one shortest form."""
    value = number(text)
    return str(int(value)) if value == int(value) and abs(value) < _LARGEST_WHOLE else repr(value)


def flag_text(text: str) -> str:
    """Return "true" or "false"."""
    if text.lower() not in _FLAGS:
        raise Refusal(f"'{text}' is neither yes nor no: say what it means under [values.…] in the map")
    return "true" if _FLAGS[text.lower()] else "false"


def one_of(choices: Sequence[str]) -> Read:
    """Return a reader of choices, whatever their case, blanks for underscores."""

    def read(text: str) -> str:
        word = re.sub(r"[\s-]+", "_", text.strip().lower())
        if word not in choices:
            raise Refusal(f"'{text}' is none of {', '.join(choices)}: say what it means under [values.…] in the map")
        return word

    return read


def locale_id(text: str) -> str:
    """Return a CLDR id such as pt_BR or zh_Hant_TW, in its usual case."""
    parts = re.split(r"[-_]", text.split(".")[0])
    if not re.fullmatch(r"[A-Za-z]{2,3}([-_][A-Za-z]{4})?([-_]([A-Za-z]{2}|\d{3}))?", text.split(".")[0]):
        raise Refusal(f"'{text}' is no locale: write a CLDR id such as pt_BR, or say what it means under [values.locale] in the map")
    return "_".join([parts[0].lower(), *(part.title() if len(part) == 4 else part.upper() for part in parts[1:])])


def instants(column: pl.Series, formats: Sequence[str], zone: str, now: datetime) -> tuple[pl.Series, pl.Series]:
    """Return a column of texts as instants, and beside it why one was refused: unreadable, before 1990, or later than `now` and LEEWAY.

    ISO 8601 is always read, other notations by `formats`; where no offset stands, `zone`'s clock is meant.
    """
    quick = column.str.to_datetime("%+", time_unit="us", time_zone="UTC", strict=False)
    slow, unread = converted(column.set(quick.is_not_null(), None), lambda text: instant(text, formats, zone, column.name), INSTANT)
    found = quick.fill_null(slow)
    return found, pl.DataFrame({"unread": unread, "untimely": untimely(column, found, now)}).select(pl.coalesce(pl.all())).to_series()


def untimely(text: pl.Series, at: pl.Series, now: datetime) -> pl.Series:
    """Return for each instant, written as `text`, why it is refused, or null: it lies before 1990, or later than `now` and LEEWAY."""
    early = pl.when(pl.col("at") < EARLIEST).then(pl.format("'{}' is before 1990: check the column, or its notation under [formats]", "text"))
    late = pl.when(pl.col("at") > now + LEEWAY).then(pl.format(f"'{{}}' lies in the future (it is {now:%Y-%m-%d %H:%M}Z)", "text"))
    return pl.DataFrame({"text": text, "at": at}).select(pl.coalesce(early, late)).to_series()


def instant(text: str, formats: Sequence[str], zone: str, name: str) -> datetime:
    """Return the instant a text names; one that two formats read differently is refused. `name`: what it is an instant of, under [formats]."""
    readings = {reading for form in formats if (reading := _by_format(text, form, zone)) is not None}
    if len(readings) > 1:
        raise Refusal(f"'{text}' means two instants by the formats of the map: keep one of them")
    if readings:
        return readings.pop()
    try:
        return _placed(datetime.fromisoformat(text), zone)
    except (ValueError, OverflowError) as error:
        raise Refusal(_unread(text, formats, name)) from error


def day(formats: Sequence[str], name: str) -> Read:
    """Return a reader of calendar days, as ISO 8601 text."""

    def read(text: str) -> str:
        return instant(text, formats, "UTC", name).date().isoformat()

    return read


def _by_format(text: str, form: str, zone: str) -> datetime | None:
    try:
        if form in UNIX:
            return datetime.fromtimestamp(float(text) / UNIX[form], UTC)
        return _placed(datetime.strptime(text, form), zone)  # noqa: DTZ007  (placed in its zone right here)
    except (ValueError, OverflowError, OSError):
        return None


def _placed(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(UTC) if moment.tzinfo else to_utc(moment, Zone(zone)).at


def _unread(text: str, formats: Sequence[str], name: str) -> str:
    if formats:
        return f"'{text}' fits none of the formats of the map ({', '.join(formats)}), nor ISO 8601"
    if readings := _readings(text):
        why = "can be read in more than one way" if len(set(readings.values())) > 1 else "is not written as ISO 8601"
        return f"'{text}' {why}: say how dates are written, such as [formats] {name} = [\"{next(iter(readings))}\"], in the map"
    if _is_no_day(text):
        return f"'{text}' names a day that no calendar has: correct it where it comes from"
    return f"'{text}' is no date or time we can read: write ISO 8601, such as 2026-03-02T09:00:00Z, or say its notation under [formats] in the map"


def _readings(text: str) -> dict[str, datetime]:
    """Return what a date of three numbers may mean, by the format that reads it so."""
    mark = next((mark for mark in "/.-" if text.count(mark) == 2), None)
    clock = _CLOCKS.get(text.count(":"))
    forms = [] if mark is None or clock is None else [order.format(mark) + clock for order in _ORDERS]
    return {form: reading for form in forms if (reading := _by_format(text, form, "UTC")) is not None}


def _is_no_day(text: str) -> bool:
    day = _ISO_DAY.match(text)
    try:
        return day is not None and date.fromisoformat(day[0]) is None
    except ValueError:
        return True
