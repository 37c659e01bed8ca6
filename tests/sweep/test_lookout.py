"""The lookout: the board tells who is due, so that nobody looks through everybody."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from people import NOW, a_lead, ada, kenji
from shipped import in_english
from sqlmodel import Session, col, select

from models import Consent, ConsentState, Lead, News, Purpose, Role, Score
from ripeline.playbook.playbook import Playbook
from ripeline.sweep.board import raise_facts
from ripeline.sweep.cards import CardInUse
from ripeline.sweep.lookout import untold
from ripeline.sweep.rescore import due, rescore

SOON = NOW + timedelta(minutes=4)


@pytest.fixture(scope="module")
def playbook() -> Playbook:
    """Give the shipped playbook without markets."""
    return replace(in_english(), hash="without markets", markets={})


def _stored(session: Session, *leads: Lead) -> list[int]:
    session.add_all(leads)
    session.commit()
    return [lead.id for lead in leads if lead.id is not None]


def _run(session: Session, playbook: Playbook, now: datetime = NOW, *, full: bool = False) -> list[range]:
    """Work off who is due and return the batches."""
    found = due(session, playbook, now=now, batch_size=20_000, full=full)
    session.commit()
    for batch in found:
        rescore(session, batch, playbook, now=now, full=full)
    return list(found)


def _up(session: Session) -> list[tuple[int, int]]:
    return sorted((row.first, row.last) for row in session.exec(select(News)))


def _says(session: Session, lead_id: int, state: ConsentState, at: datetime) -> None:
    """Record a word on profiling as ingest does."""
    about = {"subject_hash": "", "purpose": Purpose.PROFILING, "basis": "consent", "source": "test"}
    session.add(Consent(lead_id=lead_id, state=state, at=at, received_at=NOW, **about))
    raise_facts(session, {lead_id})
    session.commit()


def _scored(session: Session) -> list[int]:
    return list(session.exec(select(Score.lead_id).order_by(col(Score.lead_id))).all())


def test_who_was_scored_is_off_the_board_at_the_next_look(session, playbook):
    first, second = _stored(session, ada(), kenji())
    _run(session, playbook)
    raise_facts(session, {second})
    session.commit()

    assert _run(session, playbook) == [range(second, second + 1)]
    assert _up(session) == [(second, second)]
    assert _run(session, playbook) == []
    assert _up(session) == []
    assert _scored(session) == [first, second]


def test_many_who_were_told_of_together_are_looked_at_one_more_time(session, playbook):
    ids = _stored(session, *(a_lead() for _ in range(12)))
    session.execute(sa.delete(News))
    session.add(News(first=ids[0], last=ids[-1]))
    session.commit()
    _run(session, playbook)

    assert _up(session) == [(ids[0], ids[-1])]
    assert (_run(session, playbook), _up(session)) == ([], [])


def test_of_few_among_many_who_are_told_of_together_those_who_are_due_are_found(session, playbook):
    ids = _stored(session, *(a_lead() for _ in range(40)))
    _run(session, playbook)
    raise_facts(session, {ids[20], ids[21], ids[30]})
    session.commit()

    assert _run(session, playbook) == [range(ids[20], ids[30] + 1)]
    assert {score.scored_seq for score in session.exec(select(Score))} == {1, 2}


def test_a_lead_of_tomorrow_stays_on_the_board_until_it_has_come(session, playbook):
    _stored(session, ada())
    (later,) = _stored(session, kenji(created_at=NOW + timedelta(days=1)))
    _run(session, playbook)
    _run(session, playbook)
    assert later not in _scored(session)

    assert _up(session) == [(later, later)]
    _run(session, playbook, NOW + timedelta(days=1))
    assert later in _scored(session)


def test_who_objects_and_agrees_again_is_found_both_times(session, playbook):
    (lead_id,) = _stored(session, ada())
    _run(session, playbook)

    _says(session, lead_id, ConsentState.WITHDRAWN, NOW)
    _run(session, playbook)
    assert _scored(session) == []

    _run(session, playbook)
    _says(session, lead_id, ConsentState.GIVEN, SOON)
    assert _run(session, playbook) == []
    _run(session, playbook, SOON)
    assert _scored(session) == [lead_id]


def test_an_objection_whose_time_is_still_to_come_is_found_when_it_has(session, playbook):
    (lead_id,) = _stored(session, ada())
    _says(session, lead_id, ConsentState.WITHDRAWN, SOON)
    _run(session, playbook)
    _run(session, playbook)
    assert (_up(session), _scored(session)) == ([], [lead_id])

    _run(session, playbook, SOON)

    assert _scored(session) == []


def test_news_that_nobody_put_up_are_counted_and_found_by_a_full_rescore(session, playbook):
    (lead_id, _) = _stored(session, ada(), kenji())
    _run(session, playbook)
    _run(session, playbook)
    session.execute(sa.update(Lead).where(col(Lead.id) == lead_id).values(facts_seq=7))
    session.commit()

    assert _run(session, playbook) == []
    assert untold(session.get_bind().engine, CardInUse(Role.LIVE, playbook), NOW) == 1
    session.rollback()
    _run(session, playbook, full=True)
    assert untold(session.get_bind().engine, CardInUse(Role.LIVE, playbook), NOW) == 0


def test_news_that_are_on_the_board_are_not_untold(session, playbook):
    _stored(session, ada())
    _run(session, playbook)
    _stored(session, kenji())

    assert untold(session.get_bind().engine, CardInUse(Role.LIVE, playbook), NOW) == 0
