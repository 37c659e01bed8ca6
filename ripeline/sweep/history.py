"""Attributes as they were: leads turned back to an instant by the history of their changes."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlmodel import col

from models import AttributeChange
from ripeline.decide.facts import CHANGE_SCHEMA, INSTANT, Needs
from ripeline.decide.fields import Field
from ripeline.sweep.bulk_read import read_bulk
from ripeline.sweep.kept_text import EMAIL_DOMAIN, domain_of, from_text

ADDRESS = "address"
_SCHEMA = {"id": pl.Int64(), "received_at": INSTANT, **CHANGE_SCHEMA}
PENDING = {"lead_id": pl.Int64(), "pending_at": INSTANT}


class History:
    """The changes of some leads, seen from an instant: what was known then, and what came later.

    With `hindsight`, a change counts from when it happened, whenever we heard of it.
    """

    def __init__(self, changes: pl.DataFrame, now: datetime, *, hindsight: bool) -> None:
        comes = pl.col("at") if hindsight else pl.max_horizontal("at", "received_at")
        self._changes = _with_domains(changes).with_columns(comes=comes)
        self._now = now

    @property
    def known(self) -> pl.DataFrame:
        """Return the changes that were known, by CHANGE_SCHEMA."""
        return self._changes.filter(pl.col("comes") <= self._now).select(*CHANGE_SCHEMA)

    @property
    def pending(self) -> pl.DataFrame:
        """Return `lead_id` and `pending_at`, when the next change that is stored already comes to be known."""
        return self._later.group_by("lead_id").agg(pending_at=pl.col("comes").min()) if self._later.height else pl.DataFrame(schema=PENDING)

    def turned_back(self, leads: pl.DataFrame, fields: Iterable[Field]) -> pl.DataFrame:
        """Return `leads` (by `id`) with these attributes as they were known."""
        later = self._later
        if later.is_empty():
            return leads
        first = later.sort("at", "id").unique(["lead_id", "attribute"], keep="first", maintain_order=True)
        others = set(first["attribute"])
        for field in (each for each in fields if each.name in others):
            before = first.filter(pl.col("attribute") == field.name).select("lead_id", from_text(pl.col("old"), field).alias("was"), is_other=pl.lit(True))
            joined = leads.join(before, left_on="id", right_on="lead_id", how="left", maintain_order="left")
            was = pl.col("was").cast(leads.schema[field.name])
            leads = joined.with_columns(pl.when(pl.col("is_other")).then(was).otherwise(field.name).alias(field.name)).drop("was", "is_other")
        return leads

    @property
    def _later(self) -> pl.DataFrame:
        return self._changes.filter(pl.col("comes") > self._now)


def read_history(
    engine: sa.Engine, where: Iterable[sa.ColumnElement[bool]], needs: Needs, now: datetime, *, hindsight: bool = False
) -> History:  # fmt: skip
    """Return the changes that `where` (over AttributeChange) selects, as seen from `now`; those that were known only if `needs` asks for them."""
    columns: list[Any] = [col(getattr(AttributeChange, name)) for name in _SCHEMA]
    query = sa.select(*columns).where(*where)
    if not needs.has_changes:
        query = query.where(sa.or_(col(AttributeChange.at) > now, col(AttributeChange.received_at) > now))
    return History(read_bulk(engine, query, _SCHEMA), now, hindsight=hindsight)


def _with_domains(changes: pl.DataFrame) -> pl.DataFrame:
    """Return the changes with those of `email_domain`, which follow from those of the address."""
    moved = changes.filter(pl.col("attribute") == ADDRESS)
    if moved.is_empty():
        return changes
    domains = moved.with_columns(pl.lit(EMAIL_DOMAIN).alias("attribute"), domain_of(pl.col("old")).alias("old"), domain_of(pl.col("new")).alias("new"))
    return pl.concat([changes, domains.filter(pl.col("old").ne_missing(pl.col("new")))])
