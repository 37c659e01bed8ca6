"""Importing leads: who is new, what is news, and which files fit."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from importing import changes_of, leads_of
from people import NOW
from sqlmodel import Session, select

from models import AttributeChange, Event, Suppression, SuppressionReason
from ripeline.sweep.ingest import NewEvent, record_events, suppress
from ripeline.values import Refusal

DAY = timedelta(days=1)


def test_a_plain_file_needs_no_map(session: Session, take: Any) -> None:
    outcome = take(
        "leads",
        "Email,First Name,Job Title,Country,Number of Employees,Language,Favourite Colour\nAda@Example.com,Ada,VP Operations,Deutschland,200,de-DE,blue\n",
    )

    lead = leads_of(session)["ada@example.com"]
    assert dict(outcome.rows) == {"imported": 1}
    assert (lead.address, lead.first_name, lead.title, lead.seniority, lead.country, lead.employees, lead.locale) == (
        "Ada@example.com", "Ada", "VP Operations", "vp", "DE", 200, "de_DE",
    )  # fmt: skip
    assert (lead.more, lead.source, lead.created_at, lead.updated_at, lead.facts_seq) == ({"favourite_colour": "blue"}, "import", NOW, NOW, 1)
    assert dict(outcome.undeclared) == {"favourite_colour": 1}


def test_the_same_file_again_changes_nothing(session: Session, take: Any) -> None:
    content = "email,company\nada@example.com,Spreewerk\nkenji@example.org,\n"
    take("leads", content)

    outcome = take("leads", content, now=NOW + DAY)

    assert dict(outcome.rows) == {"unchanged": 2}
    assert changes_of(session) == []
    assert {(lead.facts_seq, lead.updated_at) for lead in leads_of(session).values()} == {(1, NOW)}


def test_the_newest_value_wins_and_a_blank_never_erases(session: Session, take: Any) -> None:
    take("leads", "email,company,city,title\nada@example.com,Spreewerk,Berlin,\n")

    outcome = take("leads", "email,company,city,title\nADA@example.com,Havelwerk,,CEO\n", now=NOW + DAY)

    lead = leads_of(session)["ada@example.com"]
    assert dict(outcome.rows) == {"merged": 1}
    assert (lead.company, lead.city, lead.title, lead.facts_seq, lead.updated_at) == ("Havelwerk", "Berlin", "CEO", 2, NOW + DAY)
    assert changes_of(session) == [("company", "Spreewerk", "Havelwerk"), ("title", None, "CEO"), ("seniority", None, "c_level")]


def test_facts_older_than_what_we_were_told_only_fill_gaps(session: Session, take: Any) -> None:
    the_map = 'as_of = "seen"\n[lead]\naddress = "email"'
    take("leads", f"email,company,city,seen\nada@example.com,Spreewerk,,{NOW - DAY}\n", map=the_map)

    take("leads", f"email,company,city,seen\nada@example.com,Altwerk,Berlin,{NOW - 9 * DAY}\n", map=the_map)

    lead = leads_of(session)["ada@example.com"]
    assert (lead.company, lead.city, lead.updated_at) == ("Spreewerk", "Berlin", NOW - DAY)


def test_a_lead_is_known_by_its_id_when_its_address_changes(session: Session, take: Any) -> None:
    take("leads", "id,email\n7,ada@example.com\n")

    outcome = take("leads", "id,email\n7,ada@spreewerk.example\n", now=NOW + DAY)

    assert dict(outcome.rows) == {"merged": 1}
    assert {key: lead.external_id for key, lead in leads_of(session).items()} == {"ada@spreewerk.example": "7"}
    assert changes_of(session) == [("address", "ada@example.com", "ada@spreewerk.example")]


def test_a_row_may_name_a_known_lead_by_its_id_alone(session: Session, take: Any) -> None:
    take("leads", "id,email\n7,ada@example.com\n")

    outcome = take("leads", "id,city\n7,Berlin\n8,Potsdam\n")

    assert (dict(outcome.rows), leads_of(session)["ada@example.com"].city) == ({"merged": 1, "refused": 1}, "Berlin")
    assert outcome.refusals == [(3, "has no address, and its id is not known")]


def test_one_address_under_two_ids_is_refused_and_named(session: Session, take: Any) -> None:
    outcome = take("leads", "id,email\n7,ada@example.com\n8,ADA@example.com\n")
    again = take("leads", "id,email\n7,ada@example.com\n8,ADA@example.com\n")

    assert (dict(outcome.rows), dict(again.rows)) == ({"imported": 1, "refused": 1}, {"unchanged": 1, "refused": 1})
    assert outcome.refusals == [(3, "the address belongs to the lead with id '7': one address, one lead; merge the two where they come from")]


def test_rows_of_one_lead_are_told_as_one_so_that_no_import_flips_them(session: Session, take: Any) -> None:
    content = "email,company,city\nada@example.com,Spreewerk,\nkenji@example.org,Midori,\nAda@example.com,Havelwerk,Berlin\n"

    first, again = take("leads", content), take("leads", content)

    assert (dict(first.rows), dict(again.rows)) == ({"imported": 2, "merged": 1}, {"unchanged": 3})
    assert (leads_of(session)["ada@example.com"].company, changes_of(session)) == ("Havelwerk", [])


def test_rows_of_one_lead_with_instants_become_its_history(session: Session, take: Any) -> None:
    content = f"email,company,seen\nada@example.com,Havelwerk,{NOW - DAY}\nada@example.com,Spreewerk,{NOW - 3 * DAY}\n"
    the_map = 'as_of = "seen"\n[lead]\naddress = "email"'

    first, again = take("leads", content, map=the_map), take("leads", content, map=the_map)

    assert (dict(first.rows), dict(again.rows)) == ({"imported": 1, "merged": 1}, {"unchanged": 2})
    change = session.exec(select(AttributeChange)).one()
    assert (change.old, change.new, change.at, change.received_at) == ("Spreewerk", "Havelwerk", NOW - DAY, NOW)


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        pytest.param("email,title\nada@example.com,CEO\n", "c_level", id="a title tells a rank anew where a title told it"),
        pytest.param("email,seniority\nada@example.com,Director\n", "director", id="a rank that is given counts"),
    ],
)
def test_a_rank_follows_the_title_until_it_is_given(session: Session, take: Any, second: str, expected: str) -> None:
    take("leads", "email,title\nada@example.com,Sales Manager\n")
    assert leads_of(session)["ada@example.com"].seniority == "manager"

    take("leads", second)

    assert leads_of(session)["ada@example.com"].seniority == expected


def test_a_given_rank_is_not_told_anew_by_a_title(session: Session, take: Any) -> None:
    take("leads", "email,title,seniority\nada@example.com,Manager,vp\n")

    take("leads", "email,title\nada@example.com,CEO\n")

    assert leads_of(session)["ada@example.com"].seniority == "vp"


def test_nothing_is_kept_of_a_dry_run(session: Session, take: Any, tmp_path: Path) -> None:
    outcome = take("leads", "email\nada@example.com\nada\n", dry_run=True)

    assert dict(outcome.rows) == {"imported": 1, "refused": 1}
    assert (leads_of(session), outcome.rejects, list(tmp_path.glob("*.rejects.csv"))) == ({}, None, [])


def test_an_unknown_zone_is_kept_counted_and_stops_nobody(session: Session, take: Any) -> None:
    outcome = take("leads", "email,zone\nada@example.com,Mars/Base\nkenji@example.org,Asia/Tokyo\n")

    assert (dict(outcome.rows), outcome.brought["unknown_zones"]) == ({"imported": 2}, 1)
    assert leads_of(session)["ada@example.com"].zone == "Mars/Base"


def test_dates_in_two_formats_are_read_where_the_map_lists_both(session: Session, take: Any) -> None:
    the_map = 'zone = "Europe/Berlin"\n[lead]\naddress = "email"\ncreated_at = "since"\n[formats]\ncreated_at = ["%d.%m.%Y", "%Y/%m/%d %H:%M"]'

    outcome = take("leads", "email,since\nada@example.com,03.04.2025\nkenji@example.org,2025/04/03 12:30\nmaya@example.net,2025-04-03T00:00:00Z\n", map=the_map)

    assert dict(outcome.rows) == {"imported": 3}
    assert [lead.created_at for _, lead in sorted(leads_of(session).items())] == [
        datetime(2025, 4, 2, 22, tzinfo=UTC), datetime(2025, 4, 3, 10, 30, tzinfo=UTC), datetime(2025, 4, 3, tzinfo=UTC),
    ]  # fmt: skip


def test_a_date_that_two_formats_read_differently_is_refused(take: Any) -> None:
    the_map = '[lead]\naddress = "email"\ncreated_at = "since"\n[formats]\ncreated_at = ["%d/%m/%Y", "%m/%d/%Y"]'

    outcome = take("leads", "email,since\nada@example.com,03/04/2025\nkenji@example.org,04/04/2025\nmaya@example.net,13/04/2025\n", map=the_map)

    assert (dict(outcome.rows), outcome.refusals) == (
        {"imported": 2, "refused": 1}, [(2, "created_at: '03/04/2025' means two instants by the formats of the map: keep one of them")],
    )  # fmt: skip


def test_parked_events_are_attached_when_their_lead_is_imported(session: Session, take: Any) -> None:
    parked = [NewEvent("7", "page_viewed", NOW - DAY, "web", "1"), NewEvent("Ada@example.com", "unsubscribed", NOW - DAY, "web", "2")]
    record_events(session, parked, NOW)
    session.commit()

    outcome = take("leads", "id,email\n7,ada@example.com\n")

    assert outcome.brought["attached"] == 2
    assert sorted(session.exec(select(Event.kind)).all()) == ["page_viewed", "unsubscribed"]
    assert session.exec(select(Suppression.reason)).all() == [SuppressionReason.UNSUBSCRIBED]


def test_whoever_was_erased_does_not_come_back(session: Session, take: Any) -> None:
    suppress(session, "ada@example.com", SuppressionReason.ERASED, "desk", at=NOW, now=NOW, pepper=b"pepper")
    session.commit()

    outcome = take("leads", "email\nADA@example.com\nkenji@example.org\n")

    assert outcome.refusals == [(2, "asked to be erased, and stays so")]
    assert list(leads_of(session)) == ["kenji@example.org"]


@pytest.mark.parametrize(
    ("content", "the_map", "sentence"),
    [
        pytest.param("name\nAda\n", None, r"has no column for 'address' \(it has name\): name one 'address'", id="nothing to know a lead by"),
        pytest.param("email\n", None, "has a header and no rows", id="no rows"),
        pytest.param(
            "Mial,City\nx,y\n",
            '[lead]\naddress = "Mail"\ncity = "Town"',
            r"lacks 2 columns that the map names: 'Mail'. Did you mean 'Mial'\?; 'Town'",
            id="columns that are not there",
        ),
    ],
)
def test_a_file_that_does_not_fit_its_map_is_refused_whole(session: Session, take: Any, content: str, the_map: str | None, sentence: str) -> None:
    with pytest.raises(Refusal, match=sentence):
        take("leads", content, map=the_map)
    session.rollback()
    assert leads_of(session) == {}
