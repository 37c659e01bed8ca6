"""A card in shadow: scored beside the live one, incrementally, kept apart, and acted on by nobody."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
from people import NOW, ada, an_event, kenji
from shipped import FILES
from sqlmodel import col, select

from models import Consent, ConsentState, Handoff, Lead, PlaybookApplication, PlaybookVersion, Purpose, Role, Score, ScoreChange
from ripeline.database import open_session
from ripeline.playbook.applied import applied_playbook
from ripeline.playbook.files import content_hash
from ripeline.playbook.playbook import CARD, Playbook
from ripeline.playbook.shadow import put_in_shadow
from ripeline.sweep.rescore import due, rescore
from ripeline.sweep.run import run_sweep
from ripeline.values import Tally

TOMORROW = NOW + timedelta(days=1)


SMALL = """
title = "Small"
[[fit]]
name   = "Decides"
when   = "seniority = 'vp'"
points = 50
[[engagement]]
name   = "Asked for a demo"
event  = "demo_requested"
points = 35
[[engagement]]
name   = "Attended a webinar"
event  = "webinar_attended"
points = 20
"""


@pytest.fixture(scope="session")
def files() -> dict[str, str]:
    """Give the shipped playbook with a small card, without markets and letters."""
    shipped = {path: text for path, text in FILES.items() if path.startswith("playbook/") and "/markets/" not in path}
    return {**shipped, CARD: SMALL}


@pytest.fixture(scope="session")
def candidate(files: dict[str, str]) -> dict[str, str]:
    """Give the same with a card that gives a demo request 80 points."""
    return {**files, CARD: SMALL.replace("points = 35", "points = 80")}


@pytest.fixture
def live(url: str, files: dict[str, str]) -> Playbook:
    """Give the live playbook; Ada, who asked for a demo, and Kenji, who did nothing, wait for their scores."""
    store(url, files)
    with open_session(url) as session:
        session.add(PlaybookApplication(hash=content_hash(files), applied_at=NOW, applied_by="test"))
        people = [ada(), kenji()]
        session.add_all(people)
        session.flush()
        session.add(an_event(people[0], "demo_requested", NOW))
        session.commit()
        return applied_playbook(session)


def store(url: str, files: Mapping[str, str]) -> str:
    """Store a version as `apply` would, without checking it again; return its hash."""
    version = content_hash(files)
    with open_session(url) as session:
        session.add(PlaybookVersion(hash=version, files=dict(files), created_at=NOW, created_by="test"))
        session.commit()
    return version


def shadow(url: str, files: Mapping[str, str] | None) -> None:
    """Put a version in shadow, or take it out."""
    version = None if files is None else store(url, files)
    with open_session(url) as session:
        put_in_shadow(session, version, now=NOW, by="test")


def work(url: str, playbook: Playbook, now: datetime = NOW) -> Tally:
    """Rescore all that is due."""
    tally = Tally()
    with open_session(url, writes=False) as session:
        batches = due(session, playbook, now=now, batch_size=100)
    for batch in batches:
        with open_session(url) as session:
            tally += rescore(session, batch, playbook, now=now)
    return tally


def totals(url: str, role: Role) -> list[int]:
    with open_session(url, writes=False) as session:
        return list(session.exec(select(Score.total).where(col(Score.role) == role).order_by(col(Score.lead_id))))


def objection(lead: Lead) -> Consent:
    assert lead.id is not None, "a stored lead has an id"
    said = (Purpose.PROFILING, ConsentState.WITHDRAWN)
    return Consent(lead_id=lead.id, subject_hash="", purpose=said[0], state=said[1], basis="consent", at=NOW, received_at=NOW, source="test")


def test_both_cards_are_kept_side_by_side(url: str, live: Playbook, candidate: dict[str, str]) -> None:
    shadow(url, candidate)

    tally = work(url, live)

    assert (tally["scored"], tally["shadowed"]) == (2, 2)
    mine, theirs = totals(url, Role.LIVE), totals(url, Role.SHADOW)
    assert (mine[0], theirs[0], mine[1]) == (8500, 13000, theirs[1])


def test_a_card_put_in_shadow_later_makes_everybody_due_for_it_alone(url: str, live: Playbook, candidate: dict[str, str]) -> None:
    work(url, live)
    shadow(url, candidate)

    tally = work(url, live)

    assert (tally["scored"], tally["shadowed"]) == (0, 2)


def test_only_leads_with_news_are_scored_again_by_either(url: str, live: Playbook, candidate: dict[str, str]) -> None:
    shadow(url, candidate)
    work(url, live)
    with open_session(url) as session:
        kenji = session.exec(select(Lead).where(Lead.country == "JP")).one()
        session.add(an_event(kenji, "webinar_attended", NOW))
        kenji.facts_seq += 1
        session.commit()

    tally = work(url, live, NOW + timedelta(hours=1))

    assert (tally["scored"], tally["shadowed"]) == (1, 1)


def test_nobody_acts_on_a_shadow(url: str, live: Playbook, candidate: dict[str, str]) -> None:
    cool = {**candidate, CARD: SMALL.replace("points = 35", "points = -35")}
    for sweep in ("rescore", "segment", "handoff"):
        run_sweep(url, sweep, now=NOW)
    with open_session(url) as session:
        before = (session.exec(select(Handoff.lead_id)).all(), session.exec(select(ScoreChange.id)).all())

    shadow(url, cool)
    for sweep in ("rescore", "segment", "handoff"):
        run_sweep(url, sweep, now=NOW + timedelta(minutes=1))

    with open_session(url) as session:
        assert (session.exec(select(Handoff.lead_id)).all(), session.exec(select(ScoreChange.id)).all()) == before
        assert session.exec(select(Handoff)).one().closed_at is None
    assert totals(url, Role.SHADOW)[0] < totals(url, Role.LIVE)[0]


def test_a_card_that_leaves_the_shadow_takes_its_scores_along(url: str, live: Playbook, candidate: dict[str, str]) -> None:
    shadow(url, candidate)
    work(url, live)
    shadow(url, None)

    tally = work(url, live)

    assert (tally["scored"], tally["shadow_withheld"]) == (0, 2)
    assert totals(url, Role.SHADOW) == []
    assert len(totals(url, Role.LIVE)) == 2


def test_who_objects_to_profiling_has_no_shadow_either(url: str, live: Playbook, candidate: dict[str, str]) -> None:
    shadow(url, candidate)
    work(url, live)
    with open_session(url) as session:
        lead = session.exec(select(Lead).where(Lead.country == "DE")).one()
        session.add(objection(lead))
        session.commit()

    tally = work(url, live, TOMORROW)

    assert (tally["withheld"], tally["shadow_withheld"]) == (1, 1)
    assert len(totals(url, Role.SHADOW)) == len(totals(url, Role.LIVE)) == 1
