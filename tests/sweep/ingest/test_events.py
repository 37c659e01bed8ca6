"""Importing events: identity, parking, and what is refused."""

import json
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any

import polars as pl
import pytest
from people import NOW, a_lead, ada
from sqlalchemy import text
from sqlmodel import Session, col, select

from models import Actor, Event, Lead, ParkedEvent, Suppression, SuppressionReason
from ripeline.connect.sources import LINE
from ripeline.decide.fields import Field, Fields, FieldType
from ripeline.playbook.mapping import EventsMap
from ripeline.sweep.ingest import events as importing
from ripeline.sweep.ingest.identity import Occurrences, identified
from ripeline.sweep.ingest.properties import as_frame
from ripeline.sweep.ingest.storing import store_events
from ripeline.sweep.ingest.typed import properties_of
from ripeline.sweep.suppressing import suppressions_of
from ripeline.values import Refusal, event_id

DAY = timedelta(days=1)


@pytest.fixture
def lead(session: Session) -> Lead:
    """Give Ada, stored, known to her CRM as crm-7."""
    found = ada(external_id="crm-7")
    session.add(found)
    session.commit()
    return found


def events_of(session: Session) -> list[Event]:
    session.expire_all()
    return list(session.exec(select(Event).order_by(col(Event.at), col(Event.id))))


def facts_of(session: Session, lead: Lead) -> int:
    session.refresh(lead)
    return lead.facts_seq


def test_a_plain_file_needs_no_map(session: Session, lead: Lead, take: Any) -> None:
    outcome = take("events", "email,event,timestamp,path,seconds,campaign\nADA@example.com,page_viewed,2026-03-01T09:00:00+01:00, /pricing ,40.4,spring\n")

    event = events_of(session)[0]
    assert (dict(outcome.rows), dict(outcome.undeclared)) == ({"imported": 1}, {"campaign": 1})
    assert (event.lead_id, event.kind, event.path, event.seconds, event.more) == (lead.id, "page_viewed", "/pricing", 40, {"campaign": "spring"})
    assert (event.at, event.received_at, event.actor, event.source) == (datetime(2026, 3, 1, 8, tzinfo=UTC), NOW, Actor.HUMAN, "import")
    assert (event.id, facts_of(session, lead)) == (event_id("import", event.source_id), 2)


def test_the_same_file_again_changes_nothing(session: Session, lead: Lead, take: Any) -> None:
    content = "lead,kind,at\ncrm-7,page_viewed,2026-03-01\ncrm-7,page_viewed,2026-03-01\ncrm-7,form_sent,2026-03-01\n"

    first, again = take("events", content), take("events", content, now=NOW + DAY)

    assert (dict(first.rows), dict(again.rows)) == ({"imported": 3}, {"unchanged": 3})
    assert {event.received_at for event in events_of(session)} == {NOW}
    assert facts_of(session, lead) == 2


def test_equal_events_are_told_apart_by_how_many_there_are(session: Session, lead: Lead, take: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "ROWS_A_TRANSACTION", 1)
    row = "crm-7,page_viewed,2026-03-01\n"
    take("events", "lead,kind,at\n" + row * 2)

    outcome = take("events", "lead,kind,at\n" + row * 3)

    assert dict(outcome.rows) == {"imported": 1, "unchanged": 2}


def test_an_id_of_the_file_is_the_identity(session: Session, lead: Lead, take: Any) -> None:
    outcome = take("events", "event_id,lead,kind,at\ne1,crm-7,page_viewed,2026-03-01\ne1,crm-7,form_sent,2026-03-02\n,crm-7,form_sent,2026-03-02\n")

    assert dict(outcome.rows) == {"imported": 2, "unchanged": 1}
    assert [event.kind for event in events_of(session)] == ["page_viewed", "form_sent"]


def stirred(bits: int) -> int:
    """Return bits through the finisher of splitmix64, written the plain way."""
    whole = 2**64 - 1
    bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9 & whole
    bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB & whole
    return bits ^ (bits >> 31)


def test_an_id_made_once_is_made_the_same_for_ever() -> None:
    rows = [{"kind": "page_viewed", "at": NOW, "path": "/pricing", "seconds": 40, "amount": 1.5, "more": '{"x": "ü"}'}] * 2
    parts = ["crm-7", "page_viewed", 1772445600 * 10**6, "/pricing", None, None, None, 40, "1.5", '{"x": "ü"}']
    hashed = 0
    for part in parts:
        bits = int.from_bytes(blake2b(part.encode(), digest_size=8).digest(), "big") if isinstance(part, str) else part or 0
        hashed = stirred(hashed ^ bits)

    ids = identified(as_frame(rows).with_columns(pl.Series("lead_ref", ["crm-7"] * 2)), "import", Occurrences())

    assert ids["source_id"].to_list() == [f"1772445600-{hashed % 2**59}", f"1772445600-{stirred(hashed ^ 1) % 2**59}"]
    assert ids["source_id"][0] == "1772445600-245630524044877864"
    assert ids["id"].to_list() == [event_id("import", source_id) for source_id in ids["source_id"]]


def test_events_of_unknown_leads_are_parked_and_counted_once(session: Session, take: Any) -> None:
    content = "email,kind,at,path,x\nada@example.com,page_viewed,2026-03-01,/,y\n"

    first, again = take("events", content), take("events", content)
    attached = take("leads", "email\nAda@example.com\n")
    last = take("events", content)

    assert [dict(outcome.rows) for outcome in (first, again, last)] == [{"parked": 1}, {"unchanged": 1}, {"unchanged": 1}]
    assert attached.brought["attached"] == 1
    assert [(event.path, event.more) for event in events_of(session)] == [("/", {"x": "y"})]
    assert session.exec(select(ParkedEvent)).all() == []


def test_whoever_unsubscribed_elsewhere_is_suppressed_known_or_not(session: Session, lead: Lead, take: Any) -> None:
    take("events", "email,kind,at\nada@example.com,unsubscribed,2026-03-01\nnobody@example.com,unsubscribed,2026-02-01\n")

    standing = suppressions_of(session, ["ada@example.com", "nobody@example.com"], b"pepper")
    assert {key: [(row.reason, row.at) for row in rows] for key, rows in standing.items()} == {
        "ada@example.com": [(SuppressionReason.UNSUBSCRIBED, datetime(2026, 3, 1, tzinfo=UTC))],
        "nobody@example.com": [(SuppressionReason.UNSUBSCRIBED, datetime(2026, 2, 1, tzinfo=UTC))],
    }


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        pytest.param(",page_viewed,2026-03-01,,", "lead: is blank", id="nobody"),
        pytest.param("ada@,page_viewed,2026-03-01,,", "lead: 'ada@' is no mail address", id="an address without a domain"),
        pytest.param("crm-7,,2026-03-01,,", "kind: is blank", id="nothing"),
        pytest.param("crm-7,page_viewed,,,", "at: is blank", id="never"),
        pytest.param("crm-7,page_viewed,2026-03-02T10:05:01Z,,", "at: '2026-03-02T10:05:01Z' lies in the future", id="beyond five minutes from now"),
        pytest.param("crm-7,page_viewed,0026-03-01,,", "at: '0026-03-01' is before 1990", id="before there were pages"),
        pytest.param("crm-7,page_viewed,0001-01-01,,", "at: '0001-01-01' is before 1990", id="year 1"),
        pytest.param("crm-7,page_viewed,9999-12-31T23:59:59Z,,", "at: '9999-12-31T23:59:59Z' lies in the future", id="year 9999"),
        pytest.param("crm-7,page_viewed,292278-01-01,,", "at: '292278-01-01' is no date or time we can read", id="a year no clock has"),
        pytest.param("crm-7,page_viewed,2026-03-01,soon,", "seconds: 'soon' is no number", id="a word where a number is due"),
        pytest.param(f"crm-7,page_viewed,2026-03-01,{2**63},", f"seconds: '{2**63}' is no whole number", id="beyond what 64 bits hold"),
        pytest.param("crm-7,page_viewed,01/02/2026,,", "at: '01/02/2026' can be read in more than one way", id="two readings"),
        pytest.param("crm-7,page_viewed,1772445600,,", "at: '1772445600' is no date or time we can read", id="a bare number"),
        pytest.param("crm-7,page_viewed,2026-03-01,NaN,", "seconds: 'NaN' is no number", id="not a number"),
        pytest.param("crm-7,page_viewed,2026-03-01,-1,", "seconds: '-1' is no whole number", id="less than no time"),
        pytest.param("crm-7,page_viewed,2026-03-01,,1e999", "amount: '1e999' is no number", id="infinite"),
        pytest.param(f"crm-7,{'x' * 100_000},2026-03-01,,", "column 'kind' holds 100000 characters", id="a cell of 100,000 characters"),
    ],
)
def test_a_bad_cell_refuses_its_row_alone(session: Session, lead: Lead, take: Any, row: str, reason: str) -> None:
    outcome = take("events", f"lead,kind,at,seconds,amount\n{row}\ncrm-7,page_viewed,2026-03-02T10:05:00Z,1,2.5\n")

    assert dict(outcome.rows) == {"imported": 1, "refused": 1}
    assert (outcome.refusals[0][0], outcome.refusals[0][1].startswith(reason)) == (2, True), outcome.refusals
    assert [event.amount for event in events_of(session)] == [2.5]


def test_numbers_are_instants_where_the_map_says_so(session: Session, lead: Lead, take: Any) -> None:
    the_map = 'lead = "lead"\nkind = "kind"\nat = "at"\n[formats]\nat = ["unix seconds"]'

    take("events", "lead,kind,at\ncrm-7,page_viewed,1772366400\n", map=the_map)

    assert events_of(session)[0].at == datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_date_among_properties_is_read_by_the_formats_of_the_map() -> None:
    fields = Fields({}, {"page_viewed": {"due": Field("due", FieldType.DATE)}})
    found = EventsMap(lead="lead", kind="kind", at="at", formats={"due": ("%d/%m/%Y",)})

    typed, _ = properties_of(pl.DataFrame({LINE: [2], "due": ["03/04/2026"]}), {"due": pl.col("due")}, fields, found)

    assert typed["more"].to_list() == ['{"due": "2026-04-03"}']


def test_json_lines_of_a_tracker_are_understood(session: Session, lead: Lead, take: Any) -> None:
    properties = {"path": "/pricing", "seconds": 12}
    told = {
        "userId": "crm-7",
        "event": "Viewed",
        "originalTimestamp": "2026-03-01T12:00:00.000Z",
        "messageId": "m1",
        "properties": properties,
        "actor": "machine",
    }
    line = json.dumps(told)
    the_map = 'source = "tracker"\nlead = ["userId"]\nkind = ["event"]\nat = ["originalTimestamp"]\nid = ["messageId"]\n[values.kind]\nviewed = "page_viewed"'

    take("events", f"{line}\nnot json\n", map=the_map, name="events.jsonl")

    event = events_of(session)[0]
    assert (event.kind, event.path, event.seconds, event.actor, event.source, event.source_id) == (
        "page_viewed",
        "/pricing",
        12,
        Actor.MACHINE,
        "tracker",
        "m1",
    )


@pytest.mark.parametrize(("doer", "row"), [("machine", "corrected"), ("unknown", "corrected"), ("human", "unchanged"), ("", "unchanged")])
def test_an_event_that_was_a_machines_after_all_gives_its_points_back(session: Session, lead: Lead, take: Any, doer: str, row: str) -> None:
    take("events", "lead,kind,at,id\ncrm-7,mail_clicked,2026-03-01,c1\ncrm-7,mail_clicked,2026-03-01,c2\n")
    before = facts_of(session, lead)

    told = take("events", f"lead,kind,at,id,actor,asset\ncrm-7,mail_clicked,2026-03-02,c1,{doer},guide\n")
    again = take("events", f"lead,kind,at,id,actor,asset\ncrm-7,mail_clicked,2026-03-02,c1,{doer},guide\n")

    assert (dict(told.rows), dict(again.rows)) == ({row: 1}, {"unchanged": 1})
    assert facts_of(session, lead) - before == (1 if row == "corrected" else 0), "news for rescore, once"
    by_id = {event.source_id: event for event in events_of(session)}
    assert (by_id["c1"].actor, by_id["c2"].actor) == (Actor(doer or "human"), Actor.HUMAN)
    assert (by_id["c1"].at.day, by_id["c1"].asset) == (1, None), "all else is as it was told first"


def test_a_blank_property_is_nothing_that_is_kept(session: Session, lead: Lead, take: Any) -> None:
    outcome = take("events", "lead,kind,at,foo,bar\ncrm-7,page_viewed,2026-03-01,,1\ncrm-7,page_viewed,never,2,3\n")

    assert dict(outcome.undeclared) == {"bar": 1}


def test_undeclared_kinds_are_kept_and_told(session: Session, lead: Lead, take: Any) -> None:
    outcome = take("events", "lead,kind,at\ncrm-7,page_veiwed,2026-03-01\n")

    assert (dict(outcome.rows), dict(outcome.undeclared)) == ({"imported": 1}, {"kind page_veiwed": 1})


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        pytest.param("who,kind,at\nx,y,z\n", r"has no column for 'lead' \(it has who, kind, at\)", id="whose"),
        pytest.param("lead,what,at\nx,y,z\n", "has no column for 'kind'", id="what"),
        pytest.param("lead,kind,when\nx,y,z\n", "has no column for 'at'", id="when"),
    ],
)
def test_a_file_without_what_every_event_has_is_refused_whole(take: Any, content: str, sentence: str) -> None:
    with pytest.raises(Refusal, match=sentence):
        take("events", content)


def test_a_batch_half_known_makes_news_of_the_other_half_alone(session: Session, lead: Lead) -> None:
    other = a_lead()
    session.add(other)
    session.commit()
    first, second = (
        as_frame([{"lead_id": one.id, "at": NOW, "id": event_id("s", name), "kind": "page_viewed", "actor": "human", "source": "s", "source_id": name}])
        for one, name in ((lead, "it's"), (other, "b"))
    )
    store_events(session, first, NOW)

    fresh = store_events(session, pl.concat([first, second, second]), NOW)

    assert fresh["lead_id"].to_list() == [other.id]
    assert len(events_of(session)) == 2


def test_of_a_file_that_overlaps_the_last_one_only_what_is_new_is_stored(session: Session, lead: Lead, take: Any) -> None:
    rows = [f"e{number},crm-7,page_viewed,2026-03-01T00:{number // 60:02}:{number % 60:02}Z,/\n" for number in range(3_500)]
    header = "event_id,lead,kind,at,path\n"
    take("events", header + "".join(rows[::3]))

    outcome = take("events", header + "".join(rows), now=NOW + DAY)

    assert dict(outcome.rows) == {"imported": 2_333, "unchanged": 1_167}
    received = {int(source_id[1:]): at for source_id, at in session.exec(select(Event.source_id, Event.received_at))}
    assert received == {number: NOW if number % 3 == 0 else NOW + DAY for number in range(3_500)}


def test_each_stored_event_has_its_lead_and_keys_are_looked_up_again_after_an_import(session: Session, lead: Lead, take: Any) -> None:
    if session.get_bind().dialect.name != "sqlite":
        pytest.skip("PostgreSQL looks up every key always")

    take("events", "lead,kind,at\ncrm-7,page_viewed,2026-03-01\ncrm-8,page_viewed,2026-03-01\n")

    assert session.execute(text("PRAGMA foreign_key_check")).all() == []
    assert session.execute(text("PRAGMA foreign_keys")).scalar_one() == 1


def test_keys_are_looked_up_again_after_an_import_that_broke_off(session: Session, lead: Lead, take: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    if session.get_bind().dialect.name != "sqlite":
        pytest.skip("PostgreSQL looks up every key always")

    def full(*_: Any) -> None:
        raise Refusal("the disk is full")

    monkeypatch.setattr(importing, "raise_facts", full)
    with pytest.raises(Refusal, match="full"):
        take("events", "lead,kind,at\ncrm-7,page_viewed,2026-03-01\n")

    assert session.execute(text("PRAGMA foreign_keys")).scalar_one() == 1
    assert events_of(session) == []


def test_equal_things_are_numbered_over_many_batches() -> None:
    occurrences = Occurrences()
    batches = [[1, 2, 1], [2, 3], [1, 1, 3], [4], [2, 2, 2, 4]]

    numbers = [occurrences.number(pl.Series(batch, dtype=pl.UInt64)).to_list() for batch in batches]

    assert numbers == [[0, 0, 1], [1, 0], [2, 3, 1], [0], [2, 3, 4, 1]]


def test_no_suppression_comes_of_other_events(session: Session, lead: Lead, take: Any) -> None:
    take("events", "lead,kind,at\ncrm-7,mail_bounced,2026-03-01\n")

    assert session.exec(select(Suppression)).all() == []
