"""Kept fields: where the tables keep a declared field, in a column of its own or as text in the JSON column, and what it is when read."""

from typing import Any

import polars as pl
import sqlalchemy as sa

from models import Event, Lead
from ripeline.decide.facts import column_type
from ripeline.decide.fields import Field
from ripeline.sweep.bulk import table_of
from ripeline.sweep.kept_text import EMAIL_DOMAIN, domain_of, from_text

NOT_ATTRIBUTES = frozenset({"id", "more"})


def attribute(name: str) -> sa.ColumnElement[Any]:
    """Return a lead's attribute as it is stored: its own column, or a key of the JSON column as text."""
    return column_of(Lead, "address_key" if name == EMAIL_DOMAIN else name)


def column_of(table: type[Lead] | type[Event], name: str) -> sa.ColumnElement[Any]:
    """Return a field's own column, or its key in the JSON column, as text."""
    columns = table_of(table).columns
    return columns[name] if has_own_column(table, name) else sa.cast(columns["more"][name].as_string(), sa.String)


def has_own_column(table: type[Lead] | type[Event], name: str) -> bool:
    """Tell whether a field is a column, or one key among many in the JSON column."""
    return name in table_of(table).columns and name not in NOT_ATTRIBUTES


def type_kept(table: type[Lead] | type[Event], field: Field) -> pl.DataType:
    """Return the type in which a field is read, before it is `typed`."""
    return column_type(field) if has_own_column(table, field.name) else pl.String()


def typed(table: type[Lead] | type[Event], field: Field) -> pl.Expr:
    """Return a column with its field's type; what cannot be read as that is null, as if it had never come."""
    column = pl.col(field.name)
    if field.name == EMAIL_DOMAIN and table is Lead:
        return domain_of(column)
    return column if has_own_column(table, field.name) else from_text(column, field).alias(field.name)
