"""Zones inferred from telephones and hours of activity, kept with the lead, and what is planned moving with them."""

from datetime import timedelta

import pytest
from people import NOW, a_lead, an_event
from sqlmodel import Session, col, select
from tracks import in_track, with_touches

from models import Actor, Lead, Message
from ripeline.playbook.playbook import Playbook
from ripeline.settings import Settings
from ripeline.sweep.schedule import due, schedule
from ripeline.sweep.zoning import zones_of_leads
from ripeline.values import Tally

EVERYBODY = range(1, 10_000)
MANAUS = "+55 92 3232-1234"


@pytest.fixture(scope="module")
def proof() -> Playbook:
    """Give a playbook of one letter, two days after entering."""
    return with_touches({"name": "proof", "wait": "2 days", "template": "case-study"})


def bruno(**facts: object) -> Lead:
    """Return a lead in Brazil who says neither city nor region."""
    return a_lead(address="bruno@example.com", country="BR", **facts)


def ivan(**facts: object) -> Lead:
    """Return a lead in Russia who says neither city nor region."""
    return a_lead(country="RU", **facts)


def works_in_vladivostok(session: Session, lead_id: int, actor: Actor = Actor.HUMAN) -> None:
    """Store eight hours of deeds on each of six days: from nine o'clock there, in the middle of Moscow's night."""
    lead = session.get_one(Lead, lead_id)
    hours = [NOW.replace(hour=23) - timedelta(days=day, hours=-hour) for hour in range(8) for day in range(2, 8)]
    session.add_all([an_event(lead, "page_viewed", at, path="/", actor=actor) for at in hours])
    session.commit()


def swept(session: Session, playbook: Playbook, settings: Settings, minutes: int = 0) -> Tally:
    tally = schedule(session, EVERYBODY, playbook, now=NOW + timedelta(minutes=minutes), settings=settings)
    session.expire_all()
    return tally


def changed(session: Session, lead_id: int, **facts: object) -> None:
    """Change facts of a lead as `ingest` would, a minute after NOW."""
    session.get_one(Lead, lead_id).sqlmodel_update(facts | {"updated_at": NOW + timedelta(minutes=1)})
    session.commit()


@pytest.mark.parametrize(
    ("phone", "zone", "source", "certainty"),
    [
        pytest.param(MANAUS, "America/Manaus", "phone", "placed", id="a fixed line places"),
        pytest.param("+55 92 99123-4567", "America/Manaus", "mobile", "likely", id="a mobile makes likely"),
        pytest.param(None, "America/Sao_Paulo", "fallback", "assumed", id="without any the playbook's choice is assumed"),
    ],
)
def test_a_telephone_tells_the_zone_where_nothing_else_does(
    session: Session, proof: Playbook, settings: Settings, phone: str | None, zone: str, source: str, certainty: str
) -> None:
    in_track(session, proof, bruno(phone=phone))

    swept(session, proof, settings)

    message, told = session.exec(select(Message)).one(), zones_of_leads(session, proof)[0]
    assert (message.zone, message.zone_source) == (told.zone, told.source) == (zone, source)
    assert told.certainty == certainty


def test_hours_of_activity_tell_it_with_how_likely_it_is(session: Session, proof: Playbook, settings: Settings) -> None:
    works_in_vladivostok(session, in_track(session, proof, ivan()).lead_id)

    swept(session, proof, settings)

    message, told = session.exec(select(Message)).one(), zones_of_leads(session, proof)[0]
    assert (message.zone, message.zone_source) == (told.zone, told.source) == ("Asia/Vladivostok", "activity")
    assert (told.certainty, session.exec(select(Lead)).one().inferred_percent) == ("likely", told.percent)
    assert 80 <= (told.percent or 0) <= 100


def test_machines_hours_tell_nothing(session: Session, proof: Playbook, settings: Settings) -> None:
    works_in_vladivostok(session, in_track(session, proof, ivan()).lead_id, Actor.MACHINE)

    swept(session, proof, settings)

    assert session.exec(select(Message.zone, Message.zone_source)).one() == ("Europe/Moscow", "fallback")


def test_hours_count_less_than_a_fixed_line_and_more_than_a_mobile(session: Session, proof: Playbook, settings: Settings) -> None:
    leads = [in_track(session, proof, ivan(phone="+7 495 123-45-67")), in_track(session, proof, ivan(inferred_zone="Europe/Samara", inferred_from="mobile"))]
    for each in leads:
        works_in_vladivostok(session, each.lead_id)

    swept(session, proof, settings)

    assert session.exec(select(Lead.inferred_zone, Lead.inferred_from).order_by(col(Lead.id))).all() == [
        ("Europe/Moscow", "phone"),
        ("Asia/Vladivostok", "activity"),
    ]


def test_another_number_moves_what_is_planned_once(session: Session, proof: Playbook, settings: Settings) -> None:
    enrolment = in_track(session, proof, bruno())
    swept(session, proof, settings)
    changed(session, enrolment.lead_id, phone=MANAUS)

    tally = swept(session, proof, settings, minutes=2)

    assert (tally["zones_inferred"], tally["moved"]) == (1, 1)
    assert session.exec(select(Message.zone, Message.zone_source)).one() == ("America/Manaus", "phone")
    assert due(session, proof, now=NOW + timedelta(minutes=3), batch_size=10) == []


@pytest.mark.parametrize(
    ("told", "zone", "inferred"),
    [
        pytest.param({"city": "São Paulo"}, ("America/Sao_Paulo", "city"), "America/Manaus", id="a city that comes later wins over what was inferred"),
        pytest.param({"country": "RU"}, ("Europe/Moscow", "fallback"), None, id="what was inferred for another country is forgotten"),
    ],
)
def test_what_a_lead_tells_later_counts_more(
    session: Session, proof: Playbook, settings: Settings, told: dict[str, str], zone: tuple[str, str], inferred: str | None
) -> None:
    enrolment = in_track(session, proof, bruno(phone=MANAUS))
    swept(session, proof, settings)
    changed(session, enrolment.lead_id, **told)

    swept(session, proof, settings, minutes=2)

    assert session.exec(select(Message.zone, Message.zone_source)).one() == zone
    assert session.exec(select(Lead.inferred_zone)).one() == inferred
