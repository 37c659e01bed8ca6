"""Rescores at the same time: first scores are stored side by side, renewals one after another, and neither loses anything."""

from datetime import datetime, timedelta
from typing import Any

import polars as pl
import pytest
import sqlalchemy as sa
from people import NOW, a_lead, ada, an_event
from shipped import in_english
from sqlmodel import Session, select

from models import Lead, Role, Score, ScoreChange
from ripeline.database import open_session
from ripeline.decide.scoring import score_by_market
from ripeline.sweep import rescore as room
from ripeline.sweep import scores
from ripeline.sweep.scores import Overtaken, are_first, store_scores, withhold

LATER = NOW + timedelta(hours=1)

BOTH_WRITE = pytest.mark.parametrize("url", ["postgresql"], indirect=True)
"""SQLite lets one write at a time anyway."""


def _stored(session: Session, lead: Lead) -> int:
    session.add(lead)
    session.commit()
    session.refresh(lead)
    session.rollback()
    assert lead.id is not None
    return lead.id


def _told(*lead_ids: int) -> pl.DataFrame:
    """Return scores as `score_by_market` gives them, the worst grade there is."""
    same = {"fit": 100, "engagement": 0, "total": 100, "grade": "D4", "market": None, "excluded": None, "reasons": "0=100", "facts_seq": 0}
    frame = pl.DataFrame([{"lead_id": lead_id} | same for lead_id in lead_ids])
    return frame.with_columns(pl.col("market", "excluded").cast(pl.String), next_review_at=pl.lit(None, pl.Datetime("us", "UTC")))


def _patient(session: Session, seconds: float) -> None:
    """Let a session fail where it would wait longer for another."""
    session.execute(sa.text(f"SET LOCAL lock_timeout = '{seconds}s'"))


@BOTH_WRITE
def test_first_scores_are_stored_beside_each_other(url: str) -> None:
    with open_session(url) as one, open_session(url) as two:
        mine, theirs = _stored(one, a_lead()), _stored(one, a_lead())
        store_scores(one, _told(mine), "card", NOW, Role.LIVE, False)
        _patient(two, 60)
        assert store_scores(two, _told(theirs), "card", NOW, Role.LIVE, False) == (1, 0)


@BOTH_WRITE
@pytest.mark.parametrize("is_first", [True, False], ids=["first scores", "renewals"])
def test_renewals_wait_for_whoever_writes(url: str, is_first: bool) -> None:
    with open_session(url) as one, open_session(url) as two:
        mine, theirs = _stored(one, a_lead()), _stored(one, a_lead())
        store_scores(one, _told(mine), "card", NOW, Role.LIVE, not is_first)
        _patient(two, 0.1)
        with pytest.raises(sa.exc.OperationalError, match="lock timeout"):
            store_scores(two, _told(theirs), "card", NOW)


@BOTH_WRITE
def test_scores_are_taken_away_one_rescore_at_a_time(url: str) -> None:
    with open_session(url) as one, open_session(url) as two:
        mine, theirs = _stored(one, a_lead()), _stored(one, a_lead())
        assert withhold(one, pl.Series([mine]), Role.LIVE) == 0
        _patient(two, 0.1)
        with pytest.raises(sa.exc.OperationalError, match="lock timeout"):
            withhold(two, pl.Series([theirs]), Role.LIVE)


def test_a_score_of_any_role_is_no_first_one(session: Session) -> None:
    lead_id, engine = _stored(session, a_lead()), session.get_bind().engine
    assert are_first(engine, range(lead_id, lead_id + 1))
    store_scores(session, _told(lead_id), "card", NOW, Role.SHADOW)
    session.commit()
    assert not are_first(engine, range(lead_id, lead_id + 1))
    assert are_first(engine, range(lead_id + 1, lead_id + 9))


@BOTH_WRITE
@pytest.mark.parametrize("is_seen", [True, False], ids=["before it looked", "after it looked"])
def test_who_meant_to_store_a_first_score_and_comes_second_is_told(session: Session, monkeypatch: pytest.MonkeyPatch, is_seen: bool) -> None:
    lead_id = _stored(session, a_lead())
    store_scores(session, _told(lead_id), "card", NOW)
    session.commit()
    if not is_seen:
        monkeypatch.setattr(scores, "_known", lambda *_: pl.DataFrame(schema={"lead_id": pl.Int64(), "is_other": pl.Boolean()}))
    with pytest.raises(Overtaken):
        store_scores(session, _told(lead_id), "card", LATER, Role.LIVE, False)


@pytest.mark.parametrize("theirs_at", [pytest.param(NOW - timedelta(hours=1), id="older"), pytest.param(LATER, id="newer")])
def test_a_rescore_that_was_overtaken_stores_what_is_newer_and_tells_the_change(
    url: str, session: Session, monkeypatch: pytest.MonkeyPatch, theirs_at: datetime
) -> None:
    playbook, lead = in_english(), ada(created_at=NOW - timedelta(days=1))
    lead_id = _stored(session, lead)

    def meanwhile(*asked: Any) -> pl.DataFrame:
        with open_session(url) as other:
            store_scores(other, _told(lead_id), "card", theirs_at)
            other.commit()
        monkeypatch.setattr(room, "score_by_market", score_by_market)
        return score_by_market(*asked)

    monkeypatch.setattr(room, "score_by_market", meanwhile)
    session.add(an_event(lead, "demo_requested", NOW))
    session.commit()
    tally = room.rescore(session, range(lead_id, lead_id + 1), playbook, now=NOW)

    (kept,) = session.exec(select(Score)).all()
    changes = [change.grade for change in session.exec(select(ScoreChange))]
    if theirs_at == LATER:
        assert (tally["scored"], kept.grade, changes) == (0, "D4", [])
    else:
        assert (tally["scored"], kept.version == "card", changes) == (1, False, [kept.grade])
