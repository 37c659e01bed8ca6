"""playbook/imports/*.toml: how the columns of a file become attributes, events, consents and suppressions.

A value is written as the name of a column, as a template with columns in braces, as a list of columns of which the first filled one
counts, or as `{ constant = … }`.
"""

import re
from datetime import UTC, date, datetime, time
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, PlainValidator, model_validator

from models import ConsentState, Purpose, SuppressionReason
from ripeline.decide.entry import Entry
from ripeline.zones import known_zone

FILE_DATE = "the file's date"
"""What a map writes for the instant at which the file was last changed."""

UNIX = {"unix seconds": 1, "unix milliseconds": 1000, "unix microseconds": 1_000_000}
"""What a map writes for instants that are numbers since 1970, and how many of them make a second."""

MOST_TIMES = 1_000
"""So often may a row tell of one event."""

_IN_BRACES = re.compile(r"\{([^{}]+)\}")


class Constant(Entry):
    """A value that is the same in every row."""

    constant: str | bool | int | float


def _cell(given: Any) -> "str | tuple[str, ...] | Constant":
    match given:
        case Constant():
            return given
        case str():
            if set("{}") & set(_IN_BRACES.sub("", given)):
                raise ValueError(f"'{given}' has a brace without its other half: write columns as {{Column}}")
            return given
        case list() | tuple() if given and all(isinstance(name, str) for name in given):
            return tuple(given)
        case {"constant": str() | bool() | int() | float() as constant, **rest} if not rest:
            return Constant(constant=constant)
    raise ValueError(f"{given!r} is no value: write a column, a text with {{Column}} in it, a list of columns, or {{ constant = … }}")


def _when(given: Any) -> "str | tuple[str, ...] | datetime":
    if isinstance(given, date) and not isinstance(given, datetime):
        return datetime.combine(given, time(), UTC)
    if isinstance(given, datetime):
        if given.tzinfo is None:
            raise ValueError(f"{given.isoformat()} has no zone: write {given.isoformat()}Z, or an offset such as +01:00")
        return given.astimezone(UTC)
    found = _cell(given)
    if isinstance(found, Constant):
        raise ValueError(f"an instant is written without quotes and without constant: at = 2026-02-27T12:00:00Z, not {given!r}")
    return found


def _times(given: Any) -> str | int:
    if isinstance(given, str) or (type(given) is int and 1 <= given <= MOST_TIMES):
        return given
    raise ValueError(f"times is {given!r:.40}: write a column with a count, or a whole number from 1 to {MOST_TIMES:,}")


def checked_scope(text: str) -> str:
    """Return the scope of a suppression, all mail or one track's; a text that is neither raises ValueError."""
    if text != "all" and not re.fullmatch(r"track:\S.*", text):
        raise ValueError(f"'{text}' is no scope: write all, or track:<name>")
    return text


def _notation(given: str) -> str:
    try:
        is_one = given in UNIX or ("%" in given and datetime.strptime(datetime(2026, 3, 2, 9, tzinfo=UTC).strftime(given), given) is not None)  # noqa: DTZ007
    except ValueError:
        is_one = False
    if not is_one:
        raise ValueError(f"'{given}' is no way to write dates: write one such as %d/%m/%Y %H:%M, or {', '.join(UNIX)}")
    return given


Cell = Annotated[str | tuple[str, ...] | Constant, PlainValidator(_cell, json_schema_input_type=Any)]
When = Annotated[str | tuple[str, ...] | datetime, PlainValidator(_when, json_schema_input_type=Any)]
"""A column or several, an instant, or FILE_DATE."""
Times = Annotated[str | int, PlainValidator(_times, json_schema_input_type=Any)]
"""A column, or a number up to MOST_TIMES."""
Notation = Annotated[str, AfterValidator(_notation)]
"""A notation of dates as `strptime` has it, or one of UNIX."""


class Choice(Entry):
    """Which rows: those whose column `from` is one of `is`; without `is`, those where it says something that is neither no nor one of `not`.

    Without `from`, all.
    """

    column: str | None = Field(default=None, alias="from")
    values: str | tuple[str, ...] = Field(default=(), alias="is")
    others: str | tuple[str, ...] = Field(default=(), alias="not")

    @model_validator(mode="after")
    def _of_a_column(self) -> "Choice":
        if (self.values or self.others) and self.column is None:
            raise ValueError("'is' and 'not' say what a column holds: write from = \"<column>\" beside them")
        if self.values and self.others:
            raise ValueError("'is' says which values count, so that 'not' says nothing more: leave one of them out")
        return self

    @property
    def wanted(self) -> list[str]:
        """Return the values that choose a row, folded; empty: any."""
        return _all_folded(self.values)

    @property
    def unwanted(self) -> list[str]:
        """Return the values that leave a row out, folded."""
        return _all_folded(self.others)


class DerivedEvent(Choice):
    """An event that a row tells of. `kind` may be a table from what the column `from` holds to a kind; `times` is a column with a count, or a number."""

    kind: str | dict[str, str]
    at: When | None = None
    times: Times = 1
    properties: dict[str, Cell] = Field(default={}, alias="with")

    @model_validator(mode="after")
    def _says_when(self) -> "DerivedEvent":
        if self.at is None:
            raise ValueError(f'an event must say when it happened: write at = "<column>", an instant such as 2026-02-27T12:00:00Z, or at = "{FILE_DATE}"')
        if isinstance(self.kind, dict) and self.column is None:
            raise ValueError('kind as a table needs the column it reads: write from = "<column>"')
        return self


class ConsentOf(Choice):
    """A consent that a row proves, or takes back."""

    purpose: Purpose
    state: ConsentState = ConsentState.GIVEN
    basis: Literal["consent", "contract", "legitimate_interest", "soft_opt_in"] = "consent"
    text: Cell
    at: When
    locale: Cell | None = None
    proof: Cell = "{file}, line {line}"


class SuppressionOf(Choice):
    """A standing reason not to write that a row gives."""

    reason: SuppressionReason = SuppressionReason.DO_NOT_EMAIL
    scope: Annotated[str, AfterValidator(checked_scope)] = "all"
    at: When | None = None


class FileMap(Entry):
    """What every map may say.

    `missing`: cells that mean "not known". By attribute, `values` tells what a cell means and `formats` how dates are written.
    `zone`: where clocks without an offset hang. Columns that nothing asks for are kept, unless `ignore` names them.
    """

    title: str = ""
    source: str = "import"
    encoding: str | None = None
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    missing: tuple[str, ...] = ()
    values: dict[str, dict[str, str]] = Field(default={})
    formats: dict[str, tuple[Notation, ...]] = Field(default={})
    zone: str = "UTC"
    ignore: tuple[str, ...] | Literal["the rest"] = ()

    @model_validator(mode="after")
    def _of_this_world(self) -> "FileMap":
        if known_zone(self.zone) is None:
            raise ValueError(f"zone '{self.zone}' is unknown: write an IANA name such as Europe/Berlin; it is meant for times without a zone")
        return self


class LeadsMap(FileMap):
    """A file of leads. `as_of`: when a row's facts were true; the newest facts of a lead win."""

    lead: dict[str, Cell] = Field(default={})
    as_of: When | None = None
    event: tuple[DerivedEvent, ...] = ()
    consent: tuple[ConsentOf, ...] = ()
    suppression: tuple[SuppressionOf, ...] = ()


class EventsMap(FileMap):
    """A file of events. Without an `id`, an event is known by its lead, kind, time and properties."""

    lead: Cell
    kind: Cell
    at: When
    id: Cell | None = None
    properties: dict[str, Cell] = Field(default={}, alias="with")


class SuppressionsMap(FileMap):
    """A file of addresses not to write to."""

    address: Cell
    reason: Cell = Constant(constant="imported")
    scope: Cell = Constant(constant="all")
    at: When | None = None


def folded(value: str) -> str:
    """Return a cell as maps compare it: without case and outer blanks."""
    return value.strip().lower()


def _all_folded(values: str | tuple[str, ...]) -> list[str]:
    return [folded(value) for value in ([values] if isinstance(values, str) else values)]


def columns_of(value: str | tuple[str, ...] | Constant | datetime | None) -> tuple[str, ...]:
    """Return the columns a value cannot do without."""
    if not isinstance(value, str) or value == FILE_DATE:
        return ()
    return tuple(_IN_BRACES.findall(value)) if "{" in value else (value,)


def template_parts(text: str) -> list[str]:
    """Return a template in pieces: literals at even places, columns at odd ones."""
    return _IN_BRACES.split(text)
