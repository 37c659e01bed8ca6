"""The board of news: who writes facts puts up whose they are, and `rescore` looks there instead of through everybody."""

from collections.abc import Collection, Iterator, Sequence

import polars as pl
import sqlalchemy as sa
from sqlmodel import Session, col

from models import Lead, News
from ripeline.sweep.bulk import is_most, is_one_of, is_sqlite, table_of
from ripeline.sweep.bulk_read import read_bulk

POSTED = {"id": pl.Int64(), "first": pl.Int64(), "last": pl.Int64()}
"""The columns of what is on the board."""

MOST_APART = 1_000
"""So many leads are told of exactly at once; of more that lie close together it is enough to say between which they lie."""


def raise_facts(session: Session, lead_ids: Collection[int]) -> None:
    """Raise `facts_seq` of these leads by one, and put them up: they are news to `rescore`.

    On PostgreSQL the rows are locked in the order of their ids first, so that two of us cannot wait for each other in a ring.
    """
    if not lead_ids:
        return
    chosen = is_one_of(session, Lead.id, sorted(lead_ids))
    if not is_sqlite(session):
        session.execute(sa.select(col(Lead.id)).where(chosen).order_by(col(Lead.id)).with_for_update())
    raised = sa.update(Lead).where(chosen).values(facts_seq=col(Lead.facts_seq) + 1)
    session.execute(raised, execution_options={"synchronize_session": False})
    put_up(session, lead_ids)


def put_up(session: Session, lead_ids: Collection[int]) -> None:
    """Tell `rescore` of these leads, in the transaction that makes them new or writes their facts; of many that lie close together as of all."""
    told = set(lead_ids)
    if not told:
        return
    span = range(min(told), max(told) + 1)
    found = [span] if len(told) > MOST_APART and is_most(len(told), len(span)) else runs(sorted(told))
    session.connection().execute(sa.insert(table_of(News)), [{"first": run.start, "last": run.stop - 1} for run in found])


def runs(numbers: Sequence[int]) -> Iterator[range]:
    """Yield the runs of numbers without a gap, as half-open ranges; `numbers` ascend, each there once."""
    first = 0
    for place in range(1, len(numbers) + 1):
        if place == len(numbers) or numbers[place] != numbers[place - 1] + 1:
            yield range(numbers[first], numbers[place - 1] + 1)
            first = place


def posted(engine: sa.Engine) -> pl.DataFrame:
    """Return what is on the board, with the columns of POSTED. Reads what is committed."""
    return read_bulk(engine, sa.select(col(News.id), col(News.first), col(News.last)), POSTED)


def spans(rows: pl.DataFrame) -> list[range]:
    """Return the half-open ranges of ids that rows of the board tell of beside single leads: in order, none touching another."""
    found: list[range] = []
    for first, last in rows.filter(pl.col("first") < pl.col("last")).sort("first").select("first", "last").iter_rows():
        if found and first <= found[-1].stop:
            found[-1] = range(found[-1].start, max(found[-1].stop, last + 1))
        else:
            found.append(range(first, last + 1))
    return found


def take_down(session: Session, rows: pl.DataFrame, behind: pl.Series, due: pl.Series) -> None:
    """Take down those rows that tell of nobody who is `behind`: without a score that has seen the newest facts. Commits nothing.

    `rows` were read before it was seen who is behind, and who of them is `due`; both are sorted ids. A row that tells of many stays as long
    as one of them is due; of those who may not be scored, or not yet, each is told of alone from then on. What is told twice goes once.
    """
    told = rows.unique(["first", "last"])
    again = rows.join(told, on="id", how="anti")
    held = told.with_columns(_within(behind, told).alias("behind"), _within(due, told).alias("due"))
    is_alone = pl.col("first") == pl.col("last")
    over = held.filter((pl.col("behind") == 0) | (~is_alone & (pl.col("due") == 0)))
    put_up(session, [lead_id for first, last in over.filter(pl.col("behind") > 0).select("first", "last").rows() for lead_id in _between(behind, first, last)])
    gone = [*over["id"], *again["id"]]
    if gone:
        session.execute(sa.delete(News).where(is_one_of(session, col(News.id), gone)), execution_options={"synchronize_session": False})


def _within(ids: pl.Series, rows: pl.DataFrame) -> pl.Series:
    """Return how many of these sorted ids each row tells of."""
    return ids.search_sorted(rows["last"], "right").cast(pl.Int64) - ids.search_sorted(rows["first"], "left").cast(pl.Int64)


def _between(ids: pl.Series, first: int, last: int) -> list[int]:
    return ids.filter(ids.is_between(first, last)).to_list()
