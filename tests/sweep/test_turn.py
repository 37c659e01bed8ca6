"""Turns: batches that are in work beside each other go one after the other on SQLite, however long each takes."""

import threading
from datetime import timedelta

import pytest
from people import NOW, ada
from shipped import in_english

from ripeline.sweep import rescore as room
from ripeline.sweep import turn


def test_who_comes_second_waits_until_the_first_has_ended(session):
    engine, order, is_there = session.get_bind().engine, list[str](), threading.Event()

    def second() -> None:
        is_there.set()
        with turn.turn(engine):
            order.append("second")

    with turn.turn(engine):
        waiting = threading.Thread(target=second)
        waiting.start()
        is_there.wait()
        if engine.dialect.name == "postgresql":
            waiting.join()  # there nobody waits
        order.append("first")
    waiting.join()
    assert order == (["first", "second"] if engine.dialect.name == "sqlite" else ["second", "first"])


def test_a_turn_ends_with_its_block_even_where_that_fails(session):
    with pytest.raises(ValueError, match="of no use"), turn.turn(session.get_bind().engine):
        raise ValueError("of no use")
    assert not turn._working.locked()


def test_rescore_stores_in_its_turn_alone(session, monkeypatch):
    session.add(ada(created_at=NOW - timedelta(days=1)))
    session.commit()
    held, store = list[bool](), room.store_scores
    monkeypatch.setattr(room, "store_scores", lambda *asked: held.append(turn._working.locked()) or store(*asked))
    (batch,) = room.due(session, in_english(), now=NOW, batch_size=10)
    session.rollback()
    room.rescore(session, batch, in_english(), now=NOW)
    assert held == [session.get_bind().dialect.name == "sqlite"]
    assert not turn._working.locked()
