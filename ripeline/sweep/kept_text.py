"""Values that are kept as text: in JSON columns, and in the history of attributes."""

import polars as pl

from ripeline.decide.fields import Field, FieldType

EMAIL_DOMAIN = "email_domain"
"""The one attribute that is worked out: what stands behind the @ of the address."""


def from_text(column: pl.Expr, field: Field) -> pl.Expr:
    """Return text as a field's value; null where it is none."""
    match field.type:
        case FieldType.NUMBER:
            number = column.cast(pl.Float64, strict=False)
            return pl.when(number.is_finite()).then(number)
        case FieldType.FLAG:
            return column.str.to_lowercase().replace_strict({"true": True, "1": True, "false": False, "0": False}, default=None, return_dtype=pl.Boolean)
        case FieldType.DATE:
            return column.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
        case FieldType.INSTANT:
            return column.str.to_datetime(time_unit="us", time_zone="UTC", strict=False)
    return column


def domain_of(address: pl.Expr) -> pl.Expr:
    """Return the domain of addresses, in lower case."""
    return address.str.split("@").list.last().str.to_lowercase()
