"""Column types that every table shares: instants that cannot lose their zone, and words from an enum."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, String, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

E = TypeVar("E", bound=StrEnum)

Key = BigInteger().with_variant(Integer(), "sqlite")
"""An integer key: 64 bits on PostgreSQL; SQLite numbers rows by itself only for a plain INTEGER."""

Document = JSON().with_variant(JSONB(), "postgresql")
"""Declared but unmodelled facts, as one JSON object."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC instant; a naive one raises TypeError.

    PostgreSQL keeps a `timestamptz`. SQLite has no such type and would drop the zone, so it keeps whole microseconds since
    1970-01-01 UTC: they compare, sort and index as instants, and a million of them read as one integer column.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(BigInteger() if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError(f"an instant needs a zone, and {value!r} has none: give an aware datetime in UTC")
        return (value - EPOCH) // MICROSECOND if dialect.name == "sqlite" else value.astimezone(UTC)

    def literal_processor(self, dialect: Dialect) -> Callable[[datetime], str]:
        def literal(value: datetime) -> str:
            bound = self.process_bind_param(value, dialect)
            return str(bound) if dialect.name == "sqlite" else f"TIMESTAMPTZ '{bound.isoformat()}'"

        return literal

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if isinstance(value, datetime):
            return value.astimezone(UTC)
        return EPOCH + int(value) * MICROSECOND


class Word(TypeDecorator[E]):
    """A word from an enum, stored as itself, so that the database reads aloud; another word raises ValueError."""

    impl = String
    cache_ok = True

    def __init__(self, enum: type[E]) -> None:
        super().__init__()
        self.enum = enum

    def process_bind_param(self, value: E | None, dialect: Dialect) -> str | None:
        return None if value is None else self.enum(value).value

    def literal_processor(self, dialect: Dialect) -> Callable[[E], str]:
        return lambda value: f"'{self.enum(value).value}'"

    def process_result_value(self, value: Any, dialect: Dialect) -> E | None:
        return None if value is None else self.enum(value)
