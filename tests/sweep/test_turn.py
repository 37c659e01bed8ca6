"""Turns: of batches in work beside each other on SQLite one reads at a time, and one stores, however long each takes."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
from people import NOW, ada
from shipped import in_english

from ripeline.sweep import rescore as room
from ripeline.sweep import turn


def _beside(engine: sa.Engine, order: list[str], *, stores: bool) -> threading.Thread:
    """Start a second batch and return when it is there."""
    is_there = threading.Event()

    def second() -> None:
        is_there.set()
        with turn.turn(engine) as ours:
            if stores:
                ours.stores()
            order.append("second")

    waiting = threading.Thread(target=second)
    waiting.start()
    is_there.wait()
    return waiting


@pytest.mark.parametrize("stores", [pytest.param(False, id="while the first one reads"), pytest.param(True, id="while the first one stores")])
def test_who_comes_second_waits_until_the_first_has_ended(session, stores):
    engine, order = session.get_bind().engine, list[str]()

    with turn.turn(engine) as first:
        if stores:
            first.stores()
            first.has_read()
        waiting = _beside(engine, order, stores=stores)
        if engine.dialect.name == "postgresql":
            waiting.join()  # there nobody waits
        order.append("first")
    waiting.join()
    assert order == (["first", "second"] if engine.dialect.name == "sqlite" else ["second", "first"])


def test_one_reads_while_another_stores(session):
    order = list[str]()
    with turn.turn(session.get_bind().engine) as first:
        first.stores()
        first.has_read()
        _beside(session.get_bind().engine, order, stores=False).join()
        order.append("first")
    assert order == ["second", "first"]


def test_a_turn_ends_with_its_block_even_where_that_fails(session):
    def fails() -> None:
        with turn.turn(session.get_bind().engine) as ours:
            ours.stores()
            raise ValueError("of no use")

    with pytest.raises(ValueError, match="of no use"):
        fails()

    assert not turn._reading.locked()
    assert not turn._storing.locked()


def test_rescore_stores_in_its_turn_alone(session, monkeypatch):
    session.add(ada(created_at=NOW - timedelta(days=1)))
    session.commit()
    held, store = list[bool](), room.store_scores
    monkeypatch.setattr(room, "store_scores", lambda *asked: held.append(turn._storing.locked()) or store(*asked))
    (batch,) = room.due(session, in_english(), now=NOW, batch_size=10)
    session.rollback()
    room.rescore(session, batch, in_english(), now=NOW)
    assert held == [session.get_bind().dialect.name == "sqlite"]
    assert not turn._reading.locked()
    assert not turn._storing.locked()
