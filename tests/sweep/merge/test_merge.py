"""Merging two stored leads: one person, told of all along, written to once, and never against anybody's word."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from laws import tried
from people import NOW, a_lead, ada, an_event
from shipped import in_english
from sqlmodel import Session, SQLModel, col, select

from models import (
    AttributeChange,
    Consent,
    ConsentState,
    Enrolment,
    Event,
    Handoff,
    HandoffState,
    Lead,
    Meeting,
    Message,
    MessageKind,
    MessageState,
    Purpose,
    ScoreChange,
    Stage,
    SuppressionReason,
)
from ripeline.address import Address
from ripeline.decide.facts import Needs
from ripeline.settings import Settings
from ripeline.sweep.facts import facts_then
from ripeline.sweep.ingest import NewEvent, record_events
from ripeline.sweep.ingest.lead_rows import LeadRow
from ripeline.sweep.ingest.taking import Taken, take_leads
from ripeline.sweep.merge import merge_leads
from ripeline.sweep.merge.words import that_counts
from ripeline.sweep.schedule.edited import HAD_ELSEWHERE
from ripeline.sweep.suppressing import suppress, suppressions_of
from ripeline.sweep.unsubscribe import Reader, reader_of
from ripeline.values import Refusal, message_id

FIELDS = in_english().fields
DAY = timedelta(days=1)
TWIN = "a.neumann@old.example"

Two = tuple[int, int]
Merge = Callable[..., dict[str, int]]


@pytest.fixture
def two(session: Session) -> Two:
    """Give Ada twice: as we know her, and as we met her a month ago under another address, less of whom is known."""
    leads = [ada(external_id="crm-1"), a_lead(address=TWIN, external_id="crm-2", title="Head of Operations", industry="Retail", phone="+49 30 1234567")]
    for lead in leads:
        session.add(lead)
        session.flush()
    leads[0].updated_at = NOW - DAY
    session.commit()
    assert leads[0].id is not None
    return leads[0].id, leads[0].id + 1


@pytest.fixture
def merge(session: Session, two: Two, settings: Settings) -> Merge:
    """Give a function that merges the second into the first."""

    def go(dry_run: bool = False) -> dict[str, int]:
        return dict(merge_leads(session, *two, now=NOW, settings=settings, dry_run=dry_run).counts)

    return go


def happened(session: Session, lead_id: int, *ago: timedelta) -> None:
    lead = session.get_one(Lead, lead_id)
    session.add_all([an_event(lead, "page_viewed", NOW - each, path="/pricing") for each in ago])
    session.commit()


def enrolled(session: Session, lead_id: int, track: str, group: str = "nurture", **changes: Any) -> int:
    row = Enrolment(lead_id=lead_id, track=track, group=group, version="v", entered_at=NOW - 9 * DAY, **changes)
    session.add(row)
    session.commit()
    assert row.id is not None
    return row.id


def a_message(session: Session, lead_id: int, enrolment_id: int | None, touch: str, state: MessageState, **changes: Any) -> Message:
    key = f"touch:{enrolment_id}:{touch}"
    row = Message(**{
        "id": message_id(key), "key": key, "kind": MessageKind.TOUCH, "lead_id": lead_id, "enrolment_id": enrolment_id, "touch": touch, "template": "email/x",
        "variant": "", "version": "v", "local_at": "2026-03-01T09:00:00", "zone": "UTC", "due_at": NOW - DAY, "state": state, "planned_at": NOW - 2 * DAY,
        "mail_id": f"<{key}@tidewerk.example>", "recipient_key": TWIN,
    } | changes)  # fmt: skip
    session.add(row)
    session.commit()
    return row


def said(session: Session, lead_id: int, state: ConsentState, ago: timedelta, purpose: Purpose = Purpose.MARKETING) -> None:
    row: dict[str, Any] = {"lead_id": lead_id, "purpose": purpose, "state": state, "basis": "consent", "source": "test", "subject_hash": "h"}
    session.add(Consent(**row, at=NOW - ago, received_at=NOW - ago))
    session.commit()


def consent(state: ConsentState, ago: timedelta) -> Consent:
    return Consent(id=1, lead_id=1, purpose=Purpose.MARKETING, state=state, basis="consent", source="test", subject_hash="h", at=NOW - ago, received_at=NOW)


def stands(session: Session, lead_id: int, purpose: Purpose = Purpose.MARKETING) -> ConsentState:
    about = select(Consent).where(col(Consent.lead_id) == lead_id, col(Consent.purpose) == purpose)
    return session.exec(about.order_by(col(Consent.at).desc(), col(Consent.id).desc())).first().state  # type: ignore[union-attr]


def test_what_one_did_the_other_did(session: Session, two: Two, merge: Merge) -> None:
    happened(session, two[0], DAY)
    happened(session, two[1], 2 * DAY, 3 * DAY)

    assert merge()["events"] == 2

    assert set(session.exec(select(Event.lead_id))) == {two[0]}


def test_the_newer_word_on_an_attribute_counts_and_a_missing_one_never_erases(session: Session, two: Two, merge: Merge) -> None:
    merge()

    kept = session.get_one(Lead, two[0])
    assert (kept.title, kept.industry, kept.phone, kept.address) == ("VP Operations", "Technology", "+49 30 1234567", "ada@example.com")


def test_a_change_of_employer_comes_along_with_the_employer(session: Session, two: Two, merge: Merge) -> None:
    row: dict[str, Any] = {"lead_id": two[1], "attribute": "company", "at": NOW - 5 * DAY, "received_at": NOW - 5 * DAY}
    session.add(AttributeChange(**row, old="Havelwerk", new="Elbwerk"))
    gone = session.get_one(Lead, two[1])
    gone.company, gone.updated_at = "Elbwerk", NOW - timedelta(hours=1)
    session.commit()

    merge()

    (change,) = session.exec(select(AttributeChange).where(col(AttributeChange.lead_id) == two[0], col(AttributeChange.attribute) == "company"))
    assert (change.old, change.new, change.at, change.received_at) == ("Spreewerk", "Elbwerk", NOW - 5 * DAY, NOW)
    needs = Needs(attributes=frozenset({"company"}))
    engine = session.get_bind().engine
    session.commit()
    for at, company in ((NOW - timedelta(minutes=1), "Spreewerk"), (NOW, "Elbwerk")):
        assert facts_then(engine, two[0], needs, FIELDS, at).leads["company"].to_list() == [company]


def test_a_score_of_before_never_saw_what_the_merge_brought(session: Session, two: Two, merge: Merge) -> None:
    happened(session, two[0], 2 * DAY)
    happened(session, two[1], 3 * DAY)
    merge()

    seen = [
        facts_then(session.get_bind().engine, two[0], Needs(kinds=frozenset({"page_viewed"})), FIELDS, at, hindsight=hindsight).events.height
        for at, hindsight in ((NOW - DAY, False), (NOW - DAY, True), (NOW, False))
    ]

    assert seen == [1, 2, 2]


@pytest.mark.parametrize("whose", [0, 1], ids=["the one kept", "the one that goes"])
def test_who_unsubscribed_under_either_address_is_unsubscribed_under_both(session: Session, two: Two, merge: Merge, settings: Settings, whose: int) -> None:
    keys = [session.get_one(Lead, lead_id).address_key for lead_id in two]
    suppress(session, keys[whose], SuppressionReason.UNSUBSCRIBED, "test", at=NOW - DAY, now=NOW, pepper=settings.key)
    session.commit()

    assert merge()["suppressions"] == 1

    assert suppressions_of(session, keys, settings.key).keys() == set(keys)


def test_a_mailbox_that_bounces_says_nothing_of_the_other(session: Session, two: Two, merge: Merge, settings: Settings) -> None:
    suppress(session, TWIN, SuppressionReason.BOUNCED, "test", at=NOW - DAY, now=NOW, pepper=settings.key)
    session.commit()

    assert merge()["suppressions"] == 0


@pytest.mark.parametrize(("mine", "theirs", "result"), [
    pytest.param(ConsentState.GIVEN, ConsentState.WITHDRAWN, ConsentState.WITHDRAWN, id="what one took back is taken back"),
    pytest.param(ConsentState.WITHDRAWN, ConsentState.GIVEN, ConsentState.WITHDRAWN, id="by whomever"),
    pytest.param(ConsentState.PENDING, ConsentState.GIVEN, ConsentState.PENDING, id="another address confirms nothing"),
    pytest.param(ConsentState.GIVEN, ConsentState.PENDING, ConsentState.GIVEN, id="nor puts in doubt"),
    pytest.param(None, ConsentState.GIVEN, ConsentState.GIVEN, id="one word is better than none"),
])  # fmt: skip
def test_consents_meet(mine: ConsentState | None, theirs: ConsentState, result: ConsentState) -> None:
    """Whichever is the older: the law is a pure one."""
    for older in (DAY, 5 * DAY):
        first, second = (None if state is None else consent(state, ago) for state, ago in ((mine, older), (theirs, 3 * DAY)))
        assert that_counts(first, second).state is result  # type: ignore[union-attr]


def test_an_objection_to_profiling_holds(session: Session, two: Two, merge: Merge) -> None:
    said(session, two[1], ConsentState.WITHDRAWN, 5 * DAY, Purpose.PROFILING)
    said(session, two[0], ConsentState.GIVEN, DAY, Purpose.PROFILING)

    merge()

    assert stands(session, two[0], Purpose.PROFILING) is ConsentState.WITHDRAWN


def test_of_two_tracks_of_a_group_one_goes_on_and_what_was_had_elsewhere_never_comes(session: Session, two: Two, merge: Merge) -> None:
    mine, theirs = enrolled(session, two[0], "decision"), enrolled(session, two[1], "decision")
    a_message(session, two[0], mine, "case-study", MessageState.SCHEDULED)
    a_message(session, two[1], theirs, "case-study", MessageState.ACCEPTED, accepted_at=NOW - 3 * DAY, mail_at=NOW - 3 * DAY)
    a_message(session, two[1], theirs, "follow-up", MessageState.IN_DOUBT, in_doubt_at=NOW - DAY, mail_at=NOW - DAY)
    a_message(session, two[1], theirs, "book-a-call", MessageState.SCHEDULED)

    counts = merge()

    assert (counts["enrolments"], counts["ended"], counts["passed_over"]) == (1, 1, 2)
    assert list(session.exec(select(Enrolment.id).where(col(Enrolment.lead_id) == two[0], col(Enrolment.ended_at).is_(None)))) == [mine]
    here = session.exec(select(Message.touch, Message.state, Message.reason).where(col(Message.enrolment_id) == mine).order_by(col(Message.touch)))
    assert list(here) == [("case-study", MessageState.CANCELLED, HAD_ELSEWHERE), ("follow-up", MessageState.CANCELLED, HAD_ELSEWHERE)]
    assert not session.exec(select(Message).where(col(Message.state) == MessageState.SCHEDULED)).all()
    assert set(session.exec(select(Message.lead_id))) == {two[0]}


def test_a_track_that_only_the_other_was_in_goes_on_and_is_planned_anew(session: Session, two: Two, merge: Merge) -> None:
    before, theirs = enrolled(session, two[0], "decision", ended_at=NOW - 4 * DAY, ended_because="x"), enrolled(session, two[1], "decision")
    a_message(session, two[0], before, "case-study", MessageState.ACCEPTED, accepted_at=NOW - 5 * DAY, mail_at=NOW - 5 * DAY)
    a_message(session, two[1], theirs, "follow-up", MessageState.SCHEDULED)
    a_message(session, two[1], theirs, "book-a-call", MessageState.DEFERRED, mail_at=NOW - DAY)

    counts = merge()

    assert (counts["enrolments"], counts["ended"], counts["passed_over"]) == (1, 0, 1)
    left = session.exec(select(Message.touch, Message.state).where(col(Message.enrolment_id) == theirs).order_by(col(Message.touch)))
    assert list(left) == [("book-a-call", MessageState.CANCELLED), ("case-study", MessageState.CANCELLED)]


def a_handoff(session: Session, lead_id: int, state: HandoffState, ago: timedelta) -> int:
    row = Handoff(lead_id=lead_id, state=state, rep="Ingrid", total=8000, grade="A1", version="v", opened_at=NOW - ago)
    session.add(row)
    session.commit()
    assert row.id is not None
    return row.id


def test_of_two_open_handoffs_the_one_that_a_rep_has_goes_on(session: Session, two: Two, merge: Merge) -> None:
    mine, theirs = a_handoff(session, two[0], HandoffState.WAITING, DAY), a_handoff(session, two[1], HandoffState.OFFERED, 2 * DAY)

    merge()

    rows = {row.id: (row.lead_id, row.state, row.cycle) for row in session.exec(select(Handoff))}
    assert rows == {theirs: (two[0], HandoffState.OFFERED, 1), mine: (two[0], HandoffState.WITHDRAWN, 2)}


def test_who_is_invited_under_the_other_address_is_the_one_to_keep(session: Session, two: Two, merge: Merge) -> None:
    handoff = a_handoff(session, two[1], HandoffState.OFFERED, DAY)
    row: dict[str, Any] = {"handoff_id": handoff, "lead_id": two[1], "rep": "Ingrid", "uid": "u", "starts_at": NOW + DAY, "ends_at": NOW + DAY}
    meeting = Meeting(**row, lead_zone="UTC", rep_zone="UTC", stamped_at=NOW)
    session.add(meeting)
    session.flush()
    a_message(session, two[1], None, "", MessageState.ACCEPTED, kind=MessageKind.INVITE, meeting_id=meeting.id, accepted_at=NOW, mail_at=NOW)

    with pytest.raises(Refusal, match=f"keep that lead instead \\(ripeline merge {two[1]} {two[0]}\\)"):
        merge()


def test_the_further_stage_is_the_one(session: Session, two: Two, merge: Merge) -> None:
    session.get_one(Lead, two[1]).stage = Stage.CUSTOMER
    session.commit()

    merge()

    assert session.get_one(Lead, two[0]).stage is Stage.CUSTOMER
    (change,) = session.exec(select(ScoreChange))
    assert change.because == f"lead {two[1]}, which stood there, was merged into it"


def row(line: int, external_id: str | None, address: str | None, **facts: Any) -> LeadRow:
    return LeadRow((line,), external_id, Address(address, address) if address else None, NOW, None, None, facts)


def test_every_old_name_means_the_kept_lead(session: Session, two: Two, merge: Merge) -> None:
    merge()

    for number, names in enumerate([(None, TWIN), ("crm-2", None), ("crm-2", TWIN), ("crm-1", TWIN)]):
        taken: Taken = take_leads(session, [[row(1, *names, city=f"Potsdam {number}")]], lambda _: None, default_source="test", now=NOW)
        assert taken.words == {1: "merged"}
    record_events(session, [NewEvent(name, "page_viewed", NOW, "test", str(name)) for name in (TWIN, "crm-2", two[1])], NOW)
    twin = take_leads(session, [[row(1, "crm-3", TWIN)]], lambda _: None, default_source="test", now=NOW)
    session.commit()

    kept = session.get_one(Lead, two[0])
    assert (kept.city, kept.address, len(session.exec(select(Lead)).all())) == ("Potsdam 3", "ada@example.com", 2)
    assert list(session.exec(select(Event.lead_id))) == [two[0]] * 3
    assert twin.reasons == {1: "the address belongs to the lead with id 'crm-1': one address, one lead; merge the two where they come from"}
    assert reader_of(session, two[1]) == Reader(kept, None), "a link of long ago"


def test_a_row_that_takes_two_leads_for_one_says_how_to_make_them_one(session: Session, two: Two) -> None:
    taken = take_leads(session, [[row(1, "crm-2", "ada@example.com")], [row(2, None, TWIN)]], lambda _: None, default_source="test", now=NOW)

    assert taken.reasons[1].endswith(f"one address, one lead; merge the two where they come from, and here: ripeline merge {two[0]} {two[1]}")


def test_a_third_lead_goes_into_the_same_and_signposts_never_chain(session: Session, two: Two, merge: Merge, settings: Settings) -> None:
    third = a_lead()
    session.add(third)
    session.commit()
    merge()

    merge_leads(session, third.id or 0, two[0], now=NOW, settings=settings)

    assert {lead.merged_into for lead in session.exec(select(Lead).where(col(Lead.id).in_(two)))} == {third.id}
    with pytest.raises(Refusal, match=f"lead {two[0]} went into lead {third.id} before: name that one"):
        merge()


def test_merging_again_moves_nothing_but_what_came_since(session: Session, two: Two, merge: Merge) -> None:
    happened(session, two[1], DAY)
    merge()
    assert not any(merge().values())
    happened(session, two[1], 2 * DAY)

    assert merge()["events"] == 1


def test_a_dry_run_changes_nothing(session: Session, two: Two, merge: Merge) -> None:
    happened(session, two[1], DAY)

    assert merge(dry_run=True)["events"] == 1

    assert session.get_one(Lead, two[1]).merged_into is None
    assert list(session.exec(select(Event.lead_id))) == [two[1]]


def test_who_was_erased_is_not_merged(session: Session, two: Two, merge: Merge, settings: Settings) -> None:
    suppress(session, TWIN, SuppressionReason.ERASED, "test", at=NOW, now=NOW, pepper=settings.key)
    session.commit()
    with pytest.raises(Refusal, match="asked to be erased: forget them"):
        merge()

    session.get_one(Lead, two[1]).erased_at = NOW
    session.commit()
    with pytest.raises(Refusal, match="was erased: nothing is known of it"):
        merge()


def test_while_a_mail_is_going_out_nobody_is_merged(session: Session, two: Two, merge: Merge) -> None:
    a_message(session, two[1], None, "x", MessageState.SUBMITTING)

    with pytest.raises(Refusal, match="is just going out"):
        merge()


DEEDS = st.lists(st.tuples(st.integers(0, 1), st.integers(1, 40 * 24)), max_size=12)


@tried(5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=DEEDS)
def test_a_merged_lead_is_as_one_to_whom_all_had_been_told(session: Session, settings: Settings, deeds: list[tuple[int, int]]) -> None:
    session.rollback()
    for table in reversed(SQLModel.metadata.sorted_tables):
        session.execute(sa.delete(table))
    people = [ada(address=f"{name}@example.com") for name in ("one", "two", "both")]
    session.add_all(people)
    session.flush()
    ids = [lead.id or 0 for lead in people]
    told = [NewEvent(ids[who], "page_viewed", NOW - timedelta(hours=ago), "test", f"{n}", {"path": "/pricing"}) for n, (who, ago) in enumerate(deeds)]
    record_events(session, [*told, *(NewEvent(ids[2], each.kind, each.at, "again", each.source_id, each.properties) for each in told)], NOW)
    session.commit()

    merge_leads(session, ids[0], ids[1], now=NOW, settings=settings)

    needs = Needs(kinds=frozenset({"page_viewed"}), properties=frozenset({"path"}))
    merged, whole = (facts_then(session.get_bind().engine, lead_id, needs, FIELDS, NOW).events for lead_id in (ids[0], ids[2]))
    assert merged.sort("at").select("at", "path").equals(whole.sort("at").select("at", "path"))
