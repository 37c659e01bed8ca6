"""The ground: instants keep their zone, words their spelling, and the same row comes back from both databases."""

from datetime import UTC, datetime, timedelta, timezone

import polars as pl
import pytest
import sqlalchemy as sa
from people import JOINED, NOW, a_lead, ada, an_event
from sqlmodel import Session, col, select

from models import Event, Lead, Stage
from ripeline.database import database_now, engine_for
from ripeline.frames import INSTANT
from ripeline.sweep.bulk_read import read_bulk


def test_a_lead_comes_back_as_it_was_saved(session: Session) -> None:
    session.add(ada(more={"budget": 5}))
    session.commit()
    session.expire_all()

    back = session.exec(select(Lead)).one()

    assert (back.first_name, back.stage, back.created_at, back.more) == ("Ada", Stage.LEAD, JOINED, {"budget": 5})


def test_an_instant_from_another_zone_is_the_same_instant(session: Session) -> None:
    session.add(a_lead(created_at=NOW.astimezone(timezone(timedelta(hours=9)))))
    session.commit()
    session.expire_all()

    assert session.exec(select(col(Lead.created_at))).one() == NOW


def test_a_naive_instant_is_refused(session: Session) -> None:
    session.add(a_lead(created_at=datetime(2026, 3, 2)))  # noqa: DTZ001

    with pytest.raises(sa.exc.StatementError, match="needs a zone"):
        session.commit()


def test_instants_compare_inside_the_database(session: Session) -> None:
    session.add(a_lead(created_at=NOW))
    session.commit()

    assert session.exec(select(col(Lead.id)).where(col(Lead.created_at) < NOW)).first() is None
    assert session.exec(select(col(Lead.id)).where(col(Lead.created_at) <= NOW)).first() is not None


def test_the_database_tells_the_time(session: Session) -> None:
    assert abs(database_now(session) - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_frame_is_read_in_the_declared_types(session: Session, url: str) -> None:
    lead = ada(more={"budget": "5"})
    session.add(lead)
    session.commit()
    session.add(an_event(lead, "page_viewed", NOW, path="/pricing"))
    session.commit()
    query = (
        sa.select(col(Lead.id), col(Lead.more)["budget"].as_string().label("budget"), col(Lead.erased_at), col(Event.at), col(Event.path))
        .join(Event, col(Event.lead_id) == col(Lead.id))
        .where(col(Event.at) <= NOW, col(Lead.stage) == Stage.LEAD)
    )

    frame = read_bulk(engine_for(url), query, {"id": pl.Int64(), "budget": pl.String(), "erased_at": INSTANT, "at": INSTANT, "path": pl.String()})

    assert frame.rows() == [(lead.id, "5", None, NOW, "/pricing")]
    assert frame.schema == {"id": pl.Int64, "budget": pl.String, "erased_at": INSTANT, "at": INSTANT, "path": pl.String}
