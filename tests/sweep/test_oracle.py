"""The oracle: whatever happens, in whatever order, told late or corrected, a stored score is what its facts say."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Thread
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from laws import tried
from people import NOW, ada
from shipped import FILES
from sqlmodel import Session, SQLModel, col, select

from models import Actor, ConsentState, Event, Lead, PlaybookApplication, PlaybookVersion, Purpose, Score
from ripeline.address import Address
from ripeline.database import open_session
from ripeline.playbook.playbook import CARD, Playbook, parse_playbook
from ripeline.settings import Settings
from ripeline.sweep.board import raise_facts
from ripeline.sweep.ingest.consent import record_consent
from ripeline.sweep.ingest.lead_rows import LeadRow
from ripeline.sweep.ingest.parking import attach
from ripeline.sweep.ingest.record import NewEvent, record_events
from ripeline.sweep.ingest.taking import take_leads
from ripeline.sweep.merge import merge_leads
from ripeline.sweep.news import found, leads_due
from ripeline.sweep.oracle import Audit, audit
from ripeline.sweep.rescore import due, rescore
from ripeline.sweep.scoring import scoring_of

CARD_TEXT = """
title = "Small"
[total]
floor = 0
cap = 90
[bands]
fit        = { A = 20, B = 10 }
engagement = { 1 = 40, 2 = 20, 3 = 5 }
[[fit]]
name = "Decides"
when = "seniority = 'vp'"
points = 15
[[fit]]
name = "Company size"
number = "employees"
bins = [{ from = 50, points = 10 }]
missing = 2
[[engagement]]
name = "Pricing"
event = "page_viewed"
when = "path = '/pricing'"
points = 15
count = { once_per = "day" }
fades = { half_life = "10 days" }
limit = { points = 40 }
group = "web"
[[engagement]]
name = "Pages"
event = "page_viewed"
points = 4
within = "20 days"
group = "web"
[[engagement]]
name = "Tickets"
event = "support_ticket"
points = -9
fades = { to_zero = "15 days" }
[[engagement]]
name = "Silent"
silent = { event = "any", for = "30 days" }
points = -10
[[engagement]]
name = "Moved"
changed = "company"
within = "40 days"
points = 12
[group.web]
cap = 45
[[exclude]]
name = "Competitor"
when = "in_list(email_domain, 'competitors')"
"""

CARDS = (CARD_TEXT, CARD_TEXT.replace("points = 15", "points = 13"), CARD_TEXT.replace("10 days", "6 days"))


def playbooks() -> list[Playbook]:
    """Return three playbooks that differ in their card; without markets, so that one card is enough."""
    shipped = {path: text for path, text in FILES.items() if not path.startswith("playbook/markets/")}
    return [parse_playbook(shipped | {CARD: card}) for card in CARDS]


PLAYBOOKS = playbooks()
SETTINGS = Settings(_env_file=None, secret_key="0123456789abcdef0123456789abcdef", sender_address="nora@tidewerk.example")  # type: ignore[call-arg, arg-type]
HOURS = st.integers(0, 45 * 24).map(lambda hours: timedelta(hours=hours))
WHO = st.integers(0, 2)


@dataclass
class World:
    """Three leads in a database, and a clock."""

    session: Session
    now: datetime = NOW
    playbook: Playbook = PLAYBOOKS[0]
    number: int = 0
    lead_ids: list[int] = field(default_factory=list)
    told_of: list[NewEvent] = field(default_factory=list)

    def apply(self, playbook: Playbook) -> None:
        """Make a playbook the live one."""
        if self.session.get(PlaybookVersion, playbook.hash) is None:
            self.session.add(PlaybookVersion(hash=playbook.hash, files=dict(playbook.files), created_at=self.now, created_by="test"))
            self.session.flush()
        self.session.add(PlaybookApplication(hash=playbook.hash, applied_at=self.now, applied_by="test"))
        self.session.commit()
        self.playbook = playbook

    def happens(self, who: int, kind: str, path: str, since: timedelta) -> None:
        """Hear of an event, perhaps long after it was."""
        self.heard([(who, kind, path, since)], again=0)

    def heard(self, deeds: list[tuple[int, str, str, timedelta]], again: int) -> None:
        """Hear of several events at once, in whatever order, of anybody; and once more of some that were heard of before."""
        for who, kind, path, since in deeds:
            self.number += 1
            told = {"path": path} if kind == "page_viewed" else {}
            self.told_of.append(NewEvent(self.lead_ids[who], kind, self.now - since, "test", str(self.number), told))
        record_events(self.session, self.told_of[-len(deeds) - again :], self.now)
        self.session.commit()

    def parked(self, kind: str, path: str, since: timedelta) -> None:
        """Hear of somebody nobody knows yet."""
        self.number += 1
        record_events(self.session, [NewEvent("id-new", kind, self.now - since, "test", str(self.number), {"path": path})], self.now)
        self.session.commit()

    def comes(self, facts: dict[str, Any]) -> None:
        """Meet that somebody: what was heard before becomes hers; if she is known already, the facts are merged."""
        address = Address("new@example.com", "new@example.com")
        row = LeadRow((1,), "id-new", address, self.now, self.now, None, facts)
        take_leads(self.session, [[row]], lambda _: None, default_source="test", now=self.now)
        self.session.flush()
        found = self.session.exec(select(Lead.id).where(col(Lead.external_id) == "id-new")).one()
        raise_facts(self.session, {found or 0, *attach(self.session, self.now, pepper=b"pepper")})
        self.session.commit()

    def told(self, who: int, facts: dict[str, Any], since: timedelta, domain: str) -> None:
        """Merge what a file says of a lead, perhaps as it was long ago."""
        address = Address(f"lead{who}@{domain}", f"lead{who}@{domain}")
        row = LeadRow((1,), f"id-{who}", address, self.now - since, None, None, facts)
        take_leads(self.session, [[row]], lambda _: None, default_source="test", now=self.now)
        raise_facts(self.session, {self.lead_ids[who]})
        self.session.commit()

    def reclassified(self, who: int) -> None:
        """Find out that the newest view was a machine's."""
        mine = [event for event in self.told_of if event.lead == self.lead_ids[who]]
        if mine:
            newest = max(mine, key=lambda event: event.at)
            record_events(self.session, [replace(newest, actor=Actor.MACHINE)], self.now)
        self.session.commit()

    def says(self, who: int, state: ConsentState) -> None:
        """Object to profiling, or no longer."""
        record_consent(self.session, self.lead_ids[who], Purpose.PROFILING, state, basis="consent", at=self.now, now=self.now, source="test", pepper=b"pepper")
        self.session.commit()

    def erased(self, who: int) -> None:
        """Forget a lead."""
        self.session.execute(sa.delete(Event).where(col(Event.lead_id) == self.lead_ids[who]))
        self.session.get_one(Lead, self.lead_ids[who]).erased_at = self.now
        raise_facts(self.session, {self.lead_ids[who]})
        self.session.commit()

    def merged(self, keep: int, other: int) -> None:
        """Find out that two leads are one; whoever was erased is nobody."""
        kept, gone = self.lead_ids[keep], self.lead_ids[other]
        is_gone = [lead.erased_at is not None for lead in self.session.exec(select(Lead).where(col(Lead.id).in_((kept, gone))))]
        self.session.rollback()
        if kept != gone and not any(is_gone):
            merge_leads(self.session, kept, gone, now=self.now, settings=SETTINGS)
            self.lead_ids = [kept if lead_id == gone else lead_id for lead_id in self.lead_ids]

    def passes(self, time: timedelta) -> None:
        """Let time pass."""
        self.now += time

    def rescored(self, batch_size: int) -> None:
        """Rescore what is due."""
        for batch in due(self.session, self.playbook, now=self.now, batch_size=batch_size):
            rescore(self.session, batch, self.playbook, now=self.now)

    def audited(self) -> Audit:
        """Ask the oracle about every score."""
        self.session.rollback()
        self.session.expire_all()
        seen = audit(self.session, self.playbook, now=self.now)
        self.session.rollback()
        return seen


Step = Callable[[World], None]
FACTS = st.fixed_dictionaries(
    {},
    optional={
        "seniority": st.sampled_from(["vp", "specialist"]), "employees": st.sampled_from([9, 50, 200]), "company": st.sampled_from(["Spreewerk", "Rival"]),
    },
)  # fmt: skip
DEEDS = st.tuples(WHO, st.sampled_from(["page_viewed", "page_viewed", "support_ticket"]), st.sampled_from(["/pricing", "/a"]), st.just(timedelta()) | HOURS)
"""Whose deed, of which kind, and how long ago: many are told late."""

STEPS: st.SearchStrategy[Step] = st.one_of(
    st.builds(
        lambda who, facts, since, domain: lambda world: world.told(who, facts, since, domain),
        WHO, FACTS, st.one_of(st.just(timedelta()), HOURS), st.sampled_from(["example.com", "example.com", "rival.example"]),
    ),
    st.builds(lambda deeds, again: lambda world: world.heard(deeds, again), st.lists(DEEDS, min_size=1, max_size=5), st.integers(0, 3)),
    st.builds(lambda path, since: lambda world: world.parked("page_viewed", path, since), st.sampled_from(["/pricing", "/a"]), HOURS),
    st.builds(lambda facts: lambda world: world.comes(facts), FACTS),
    st.builds(lambda who: lambda world: world.reclassified(who), WHO),
    st.builds(lambda who, state: lambda world: world.says(who, state), WHO, st.sampled_from(ConsentState)),
    st.builds(lambda time: lambda world: world.passes(time), HOURS),
    st.builds(lambda time: lambda world: world.passes(time), HOURS),
    st.builds(lambda size: lambda world: world.rescored(size), st.sampled_from([1, 100])),
    st.builds(lambda who: lambda world: world.erased(who), WHO),
    st.builds(lambda keep, other: lambda world: world.merged(keep, other), WHO, WHO),
    st.builds(lambda card: lambda world: world.apply(card), st.sampled_from(PLAYBOOKS)),
)  # fmt: skip


def begun(session: Session) -> World:
    """Return the world on an emptied database: three leads, a card."""
    for table in reversed(SQLModel.metadata.sorted_tables):
        session.execute(sa.delete(table))
    leads = [ada(address=f"lead{who}@example.com", external_id=f"id-{who}", created_at=NOW - timedelta(days=50)) for who in range(3)]
    session.add_all(leads)
    session.commit()
    world = World(session, lead_ids=[lead.id for lead in leads if lead.id is not None])
    world.apply(PLAYBOOKS[0])
    return world


@pytest.fixture
def world(sqlite_url: str) -> Iterator[World]:
    """Give the world on SQLite, scored."""
    with open_session(sqlite_url) as session:
        at_work = begun(session)
        at_work.rescored(100)
        yield at_work


@tried(4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, min_size=8, max_size=24))
def test_after_any_story_stored_scores_are_what_their_facts_say(session: Session, steps: list[Step]) -> None:
    """Events in any order and group, late, told twice, of people who come later; corrections, merges, objections, erasures, other cards."""
    at_work = begun(session)
    for step in steps:
        step(at_work)
    at_work.rescored(100)

    seen = at_work.audited()

    assert (seen.waiting, seen.untold, seen.differences) == (0, 0, ())
    assert found(session.get_bind().engine, leads_due(scoring_of(at_work.playbook).version, at_work.now)).is_empty()
    assert seen.scores == seen.verdicts == len(at_work.session.exec(select(Score)).all())


def test_what_waits_for_a_rescore_is_counted_and_not_blamed(world: World) -> None:
    world.told(0, {"seniority": "specialist"}, timedelta(), "example.com")
    world.happens(1, "page_viewed", "/pricing", timedelta(days=3))
    world.passes(timedelta(hours=1))

    seen = world.audited()

    assert (seen.scores, seen.verdicts, seen.waiting, seen.differences) == (3, 1, 2, ())


def test_a_score_that_is_not_what_its_facts_say_is_named(world: World) -> None:
    score = world.session.exec(select(Score)).first()
    assert score is not None
    score.total, score.grade = 7600, "C1"
    world.session.commit()

    told = [str(each) for each in world.audited().differences]

    assert f"lead {world.lead_ids[0]}: total is 7600, and 1500 by its facts as of 2026-03-02 10:00:00Z" in told
    assert {"grade", "hand-off", "stage", "total >= 50"} <= {each.split(": ")[1].split(" is ")[0] for each in told}


def test_a_review_that_was_set_too_late_is_found(world: World) -> None:
    world.happens(0, "page_viewed", "/pricing", timedelta())
    world.rescored(100)
    world.session.execute(sa.update(Score).values(next_review_at=None))
    world.session.commit()
    world.passes(timedelta(days=29))

    assert {each.what for each in world.audited().differences} >= {"grade"}


def test_a_score_by_a_card_before_is_right_at_its_own_instant(world: World) -> None:
    world.apply(PLAYBOOKS[1])

    seen = world.audited()

    assert (seen.scores, seen.verdicts, seen.waiting, seen.strangers, seen.differences) == (3, 0, 3, 0, ())


def test_going_back_to_a_card_brings_the_totals_back(world: World) -> None:
    world.happens(0, "page_viewed", "/pricing", timedelta(days=4))
    totals = []
    for playbook in (PLAYBOOKS[0], PLAYBOOKS[1], PLAYBOOKS[0]):
        world.apply(playbook)
        world.rescored(100)
        world.session.expire_all()
        totals.append(
            [
                (score.lead_id, score.fit, score.engagement, score.total, score.grade, score.version)
                for score in world.session.exec(select(Score).order_by(col(Score.lead_id)))
            ]
        )
        world.session.rollback()

    assert totals[0] == totals[2] != totals[1]


def test_two_rescores_at_once_lose_nothing(url: str, session: Session) -> None:
    at_work = begun(session)
    for who in range(3):
        at_work.happens(who, "page_viewed", "/pricing", timedelta(days=who))

    def sweep(now: datetime) -> None:
        with open_session(url) as session:
            batches = due(session, PLAYBOOKS[0], now=now, batch_size=2)
            session.rollback()
        for batch in batches:
            with open_session(url) as session:
                rescore(session, batch, PLAYBOOKS[0], now=now)

    for _ in range(2):
        at_work.happens(0, "page_viewed", "/a", timedelta(hours=1))
        both = [Thread(target=sweep, args=(at_work.now + timedelta(minutes=minutes),)) for minutes in (0, 1)]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
        at_work.passes(timedelta(minutes=2))

    seen = at_work.audited()
    assert (seen.scores, seen.waiting, seen.differences) == (3, 0, ())
