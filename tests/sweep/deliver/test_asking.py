"""What deliver and schedule ask of messages goes through an index, never through all that wait: SQLite says how it would go about it."""

from typing import Any
from uuid import UUID

import polars as pl
import pytest
import sqlalchemy as sa
from people import NOW

from ripeline.database import engine_for
from ripeline.sweep.deliver.asking import touches_sent, touches_sent_to_all
from ripeline.sweep.schedule.due import Held
from ripeline.sweep.schedule.moving import stale


@pytest.fixture
def engine(sqlite_url: str) -> sa.Engine:
    return engine_for(sqlite_url)


def how(engine: sa.Engine, query: sa.Select[Any], asked: dict[str, object]) -> list[str]:
    """Return the steps that SQLite would take."""
    sql = query.params(asked).compile(engine, compile_kwargs={"literal_binds": True, "render_postcompile": True})
    with engine.connect() as connection:
        return [str(step[-1]) for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}")]


def test_who_heard_from_us_lately_is_found_by_its_address_among_what_was_tried(engine: sa.Engine) -> None:
    one = how(engine, touches_sent(), {"recipient_key": "ada@example.com", "message_id": UUID(int=1), "since": NOW})
    many = how(engine, touches_sent_to_all(), {"recipient_keys": ["ada@example.com", "kenji@example.com"], "since": NOW})

    for steps in (one, many):
        assert any("USING INDEX ix_message_recipient_tried (recipient_key=?" in step for step in steps), steps


@pytest.mark.parametrize("listed", [None, pl.Series([1, 700], dtype=pl.Int64())], ids=["most of a range", "few of a range"])
def test_what_may_move_is_found_by_its_leads_and_not_among_all_that_waits(engine: sa.Engine, listed: pl.Series | None) -> None:
    steps = how(engine, stale(Held(engine, range(1, 1000), 1000, listed)), {})

    assert any("message USING INDEX ix_message_lead_id (lead_id" in step for step in steps), steps
