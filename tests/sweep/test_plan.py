"""What an edited playbook does to people in flight, foreseen: the sweeps are asked by both."""

from dataclasses import replace

import pytest
from people import NOW, ada
from sqlmodel import Session, select
from tracks import in_track, shipped, with_touches

from models import Message
from ripeline.playbook import applied
from ripeline.playbook.playbook import Playbook
from ripeline.settings import Settings
from ripeline.sweep.plan import differences
from ripeline.sweep.schedule import schedule

EVERYBODY = range(1, 1000)
A, B, C = ({"name": name, "wait": "2 days"} for name in ("case-study", "product-tour", "customer-story"))


def told(session: Session, settings: Settings, live: Playbook, edited: Playbook) -> list[tuple[str, str]]:
    """Return which message changes how, and leave the database as it was."""
    before = len(session.exec(select(Message)).all())
    session.rollback()
    found = differences(session, EVERYBODY, live, edited, NOW, settings.key)
    session.rollback()
    assert len(session.exec(select(Message)).all()) == before
    return [(change, touch) for change, touch in found.messages.select("change", "touch").iter_rows()]


@pytest.mark.parametrize(
    ("touches", "expected"),
    [
        pytest.param((A, B), [], id="nothing was edited"),
        pytest.param((A, B, C), [("appears", "customer-story")], id="one more at the end"),
        pytest.param((A,), [("vanishes", "product-tour")], id="one taken out"),
        pytest.param((A, C, B), [("appears", "customer-story"), ("moves", "product-tour")], id="one put in between"),
        pytest.param((A | {"wait": "9 days"}, B), [("moves", "case-study"), ("moves", "product-tour")], id="a longer wait"),
        pytest.param((A, B | {"name": "demo-tour", "was": "product-tour", "template": "product-tour"}), [], id="another name"),
    ],
)
def test_a_plan_tells_which_messages_appear_move_and_vanish(session, settings, monkeypatch, touches, expected):
    live, edited = with_touches(A, B, of=shipped()), with_touches(*touches, of=shipped())
    monkeypatch.setitem(applied._parsed, live.hash, live)
    in_track(session, live, ada())
    schedule(session, EVERYBODY, live, now=NOW, settings=settings)

    assert told(session, settings, live, edited) == expected


def test_an_edit_of_limits_or_of_who_stays_is_foreseen_too(session, settings, monkeypatch):
    live = with_touches(A, of=shipped())
    later = replace(live, hash="later", limits=live.limits.model_copy(update={"window": live.limits.window.model_validate({"from": "13:00", "to": "17:00"})}))
    strict = with_touches(A, of=shipped(), leave={"when": "total < 50"})
    monkeypatch.setitem(applied._parsed, live.hash, live)
    in_track(session, live, ada())
    schedule(session, EVERYBODY, live, now=NOW, settings=settings)

    assert told(session, settings, live, later) == [("moves", "case-study")]
    found = differences(session, EVERYBODY, live, strict, NOW, settings.key)
    assert found.leaves.rows() == [(1, "proof", "total < 50")]
    assert found.counts["vanishes"] == 1
