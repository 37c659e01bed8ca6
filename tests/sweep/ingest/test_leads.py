"""Importing leads: who is new, what is news, and what is refused."""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from people import NOW
from sqlmodel import Session, col, select

from models import AttributeChange, Consent, ConsentState, Event, Lead, Purpose, Suppression, SuppressionReason
from ripeline.connect.sources import jsonl
from ripeline.sweep.ingest import NewEvent, record_events, suppress
from ripeline.values import Refusal

DAY = timedelta(days=1)


def leads_of(session: Session) -> dict[str, Lead]:
    session.expire_all()
    return {lead.address_key: lead for lead in session.exec(select(Lead))}


def changes_of(session: Session) -> list[tuple[str, str | None, str | None]]:
    return [(change.attribute, change.old, change.new) for change in session.exec(select(AttributeChange).order_by(col(AttributeChange.id)))]


def rejects_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


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


@pytest.mark.parametrize(
    ("cell", "column", "reason"),
    [
        pytest.param("ada", "email", "address: 'ada' is no mail address", id="an address without a domain"),
        pytest.param("unknown", "country", "country: 'unknown' is no country we know", id="no country"),
        pytest.param("many", "employees", "employees: 'many' is no number", id="no number"),
        pytest.param("NaN", "employees", "employees: 'NaN' is no number", id="not a number"),
        pytest.param("inf", "employees", "employees: 'inf' is no number", id="infinite"),
        pytest.param("-3", "employees", "employees: '-3' is no whole number", id="fewer than nobody"),
        pytest.param("Boss", "seniority", "seniority: 'Boss' is none of c_level, vp", id="no such choice"),
        pytest.param("German", "locale", "locale: 'German' is no locale", id="a language in words"),
        pytest.param(
            "03/04/2026",
            "created_at",
            "created_at: '03/04/2026' can be read in more than one way: say how dates are written, such as [formats] created_at = [\"%d/%m/%Y\"]",
            id="a date of two readings",
        ),
        pytest.param(
            "03/04/2026",
            "known_since",
            "known_since: '03/04/2026' can be read in more than one way: say how dates are written, such as [formats] known_since =",
            id="a day of two readings",
        ),
        pytest.param(
            "25.04.2026 10:00",
            "created_at",
            "created_at: '25.04.2026 10:00' is not written as ISO 8601: say how dates are written, such as [formats] created_at = [\"%d.%m.%Y %H:%M\"]",
            id="a date of one reading",
        ),
        pytest.param(
            "04/25/2026",
            "created_at",
            "created_at: '04/25/2026' is not written as ISO 8601: say how dates are written, such as [formats] created_at = [\"%m/%d/%Y\"]",
            id="a date as Americans write it",
        ),
        pytest.param("2026-02-30", "created_at", "created_at: '2026-02-30' names a day that no calendar has", id="a day that never comes"),
        pytest.param(
            "2026-03-04 10:00:00 Europe/Berlin",
            "created_at",
            "created_at: '2026-03-04 10:00:00 Europe/Berlin' is no date or time we can read: write ISO 8601",
            id="a zone in words",
        ),
        pytest.param("yesterday", "created_at", "created_at: 'yesterday' is no date or time we can read", id="no date"),
        pytest.param("1889-01-01", "created_at", "created_at: '1889-01-01' is before 1990", id="an absurd date"),
        pytest.param("2026-03-02T10:06Z", "created_at", "created_at: '2026-03-02T10:06Z' lies in the future", id="the future"),
        pytest.param("x" * 10_001, "company", "column 'company' holds 10001 characters, at most 10,000 are taken", id="a cell far too long"),
        pytest.param("a\x00b", "company", "column 'company' holds a NUL character", id="a NUL, which no database takes"),
    ],
)
def test_a_bad_cell_refuses_its_row_alone(session: Session, take: Any, cell: str, column: str, reason: str) -> None:
    columns = ["email", "country", "employees", "seniority", "locale", "created_at", "known_since", "company"]
    good = dict.fromkeys(columns, "") | {"email": "kenji@example.org"}
    bad = dict.fromkeys(columns, "") | {"email": "ada@example.com", column: cell}
    content = "\n".join(",".join(row) for row in (columns, bad.values(), good.values()))

    outcome = take("leads", content)

    assert dict(outcome.rows) == {"imported": 1, "refused": 1}
    assert (outcome.refusals[0][0], outcome.refusals[0][1].startswith(reason)) == (2, True), outcome.refusals
    assert list(leads_of(session)) == ["kenji@example.org"]


def test_refused_rows_keep_their_cells_and_can_be_imported_again_once_mended(session: Session, take: Any, tmp_path: Path) -> None:
    outcome = take("leads", 'email,company,country\nada@example.com,=Spreewerk(),Nowhere\nkenji@example.org,-Midori,JP\n"broken\n')
    assert outcome.rejects == tmp_path / "leads.rejects.csv"
    assert [(row["email"], row["company"], row["line"]) for row in rejects_of(outcome.rejects)] == [
        ("ada@example.com", "'=Spreewerk()", "2"),
        ('"broken', "", "4"),
    ]
    mended = outcome.rejects.read_text().replace("Nowhere", "DE").replace('"""broken",,,"""broken"', "b@example.com,,,")

    again = take("leads", mended, name="leads.rejects.csv")

    assert dict(again.rows) == {"imported": 2}
    assert {key: lead.company for key, lead in leads_of(session).items()} == {
        "ada@example.com": "=Spreewerk()",
        "kenji@example.org": "-Midori",
        "b@example.com": None,
    }


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("leads.csv", "email,company,title\nada@example.com,Acme, Inc,CEO\n", id="a cell too many"),
        pytest.param("leads.csv", "email,company,title\nada@example.com,Short\n", id="a cell too few"),
        pytest.param("leads.csv", 'email,company,title\nada@example.com,"never, closed\n', id="a quote that never closes"),
        pytest.param("leads.csv", "email,company,title,\nada@example.com,Acme,CEO,more\n", id="a value under no name"),
        pytest.param("leads.jsonl", '{"email": "ada@example.com", "company": "Acme"\n', id="half a JSON object"),
        pytest.param("leads.jsonl", '["ada@example.com"]\n', id="a JSON list"),
    ],
)
def test_a_row_that_could_not_be_read_keeps_all_its_text_and_is_refused_until_somebody_mends_it(session: Session, take: Any, name: str, content: str) -> None:
    rejects = take("leads", content, name=name).rejects
    (row,) = rejects_of(rejects)

    again = take("leads", rejects.read_text(), name="leads.rejects.csv")

    assert row["#rest"] == content.splitlines()[-1]
    assert [(dict(again.rows), each["#rest"]) for each in rejects_of(again.rejects)] == [({"refused": 1}, row["#rest"])]
    assert leads_of(session) == {}


def test_a_row_put_into_its_columns_is_taken_once_its_rest_is_empty(session: Session, take: Any) -> None:
    rejects = take("leads", "email,company,title\nada@example.com,Acme, Inc,CEO\n").rejects
    mended = rejects.read_text().replace('Acme, Inc,"ada@example.com,Acme, Inc,CEO"', '"Acme, Inc",CEO,')

    assert dict(take("leads", mended, name="leads.rejects.csv").rows) == {"imported": 1}
    assert (leads_of(session)["ada@example.com"].company, leads_of(session)["ada@example.com"].title) == ("Acme, Inc", "CEO")


def test_a_rejects_file_that_is_there_is_never_written_over(take: Any, tmp_path: Path) -> None:
    first = take("leads", "email\nada\n").rejects
    first.write_text("somebody mends this")

    others = [take("leads", "email\nada\n").rejects, take("leads", '{"email": "kenji"}\n', name="leads.jsonl").rejects]

    assert first.read_text() == "somebody mends this"
    assert [(other.name, rejects_of(other)[0]["email"]) for other in others] == [("leads-2.rejects.csv", "ada"), ("leads-3.rejects.csv", "kenji")]


def test_a_json_line_is_mended_where_it_stands(session: Session, take: Any) -> None:
    rejects = take("leads", '{"email": "ada@example.com", "company": "Acme"\n', name="leads.jsonl").rejects
    mended = rejects.read_text().replace('""Acme""', '""Acme""}')

    assert dict(take("leads", mended, name="leads.rejects.csv").rows) == {"imported": 1}
    assert leads_of(session)["ada@example.com"].company == "Acme"


def test_what_only_later_lines_of_json_hold_comes_back_from_the_rejects_file(session: Session, take: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonl, "CHUNK_ROWS", 1)
    lines = '{"email": "ada@example.com", "country": "Nowhere"}\n{"email": "kenji@example.org", "country": "Nowhere", "company": "Midori"}\n'
    rejects = take("leads", lines, name="leads.jsonl").rejects

    again = take("leads", rejects.read_text().replace("Nowhere", "JP"), name="leads.rejects.csv")

    assert (dict(again.rows), dict(again.undeclared)) == ({"imported": 2}, {})
    assert leads_of(session)["kenji@example.org"].company == "Midori"


def test_columns_that_a_spreadsheet_would_take_for_formulas_have_their_names_back(session: Session, take: Any) -> None:
    the_map = '[lead]\naddress = "@mail"\ncompany = "=firm"'
    rejects = take("leads", '@mail,=firm\nada,"-a\nb"\n', map=the_map).rejects

    again = take("leads", rejects.read_text().replace("ada", "ada@example.com"), name="leads.rejects.csv", map=the_map)

    assert (dict(again.rows), leads_of(session)["ada@example.com"].company) == ({"imported": 1}, "-a b")


def test_a_column_of_a_map_may_be_missing_where_each_row_names_its_own(session: Session, take: Any) -> None:
    take("leads", '{"Mail": "ada@example.com"}\n', name="leads.jsonl", map='[lead]\naddress = "Mail"\ncity = "Town"')

    assert leads_of(session)["ada@example.com"].city is None


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


TELLING = """
source  = "crm"
missing = ["Select"]
[lead]
id      = "No"
address = "lead-{No}@example.com"
country = "Country"
industry = { constant = "Education" }
[values.country]
unknown = ""
Bharat  = "IN"
[[event]]
kind  = "page_viewed"
times = "Visits"
at    = "Seen"
with  = { path = { constant = "/courses" } }
[[event]]
from = "Last"
at   = 2026-02-27T12:00:00Z
kind = { "Mail Opened" = "mail_opened", "Unsubscribed" = "unsubscribed" }
[[suppression]]
from = "No Mail"
is   = "Yes"
[[consent]]
from    = "Agreed"
is      = ["Yes", "y"]
purpose = "marketing"
text    = "Words"
at      = "Seen"
"""
TOLD = """\
No,Country,Visits,Last,No Mail,Agreed,Words,Seen
1,Bharat,2,Mail Opened,No,yes,Yes please,2026-02-20
2,unknown,0,Unsubscribed,Yes,No,,2026-02-21
3,Select,,Select,,,,
"""


def test_a_map_tells_attributes_events_consents_and_suppressions_from_columns(session: Session, take: Any) -> None:
    outcome = take("leads", TOLD, map=TELLING)

    leads = leads_of(session)
    events = session.exec(select(Event).order_by(col(Event.lead_id), col(Event.at), col(Event.kind))).all()
    consent = session.exec(select(Consent)).one()
    assert (dict(outcome.rows), dict(outcome.brought)) == ({"imported": 3}, {"suppressions": 1, "consents": 1, "events": 4})
    assert [(lead.external_id, lead.country, lead.industry) for lead in leads.values()] == [
        ("1", "IN", "Education"),
        ("2", None, "Education"),
        ("3", None, "Education"),
    ]
    assert [(event.lead_id, event.kind, event.path) for event in events] == [
        (1, "page_viewed", "/courses"), (1, "page_viewed", "/courses"), (1, "mail_opened", None), (2, "unsubscribed", None),
    ]  # fmt: skip
    assert (consent.lead_id, consent.purpose, consent.state, consent.text, consent.at) == (
        1,
        Purpose.MARKETING,
        ConsentState.GIVEN,
        "Yes please",
        datetime(2026, 2, 20, tzinfo=UTC),
    )
    assert (consent.basis, consent.source, consent.proof) == ("consent", "crm", "leads.csv, line 2")
    assert sorted(session.exec(select(Suppression.reason)).all()) == [SuppressionReason.DO_NOT_EMAIL, SuppressionReason.UNSUBSCRIBED]


def test_what_a_map_tells_is_told_once(session: Session, take: Any) -> None:
    take("leads", TOLD, map=TELLING)

    again = take("leads", TOLD, map=TELLING, now=NOW + DAY)
    more = take("leads", TOLD.replace("1,Bharat,2", "1,Bharat,3"), map=TELLING, now=NOW + DAY)

    assert dict(again.rows) == {"unchanged": 3}
    assert (dict(more.rows), dict(more.brought)) == ({"merged": 1, "unchanged": 2}, {"events": 1})
    assert leads_of(session)["lead-1@example.com"].facts_seq == 2


def test_an_event_of_a_row_that_does_not_say_when_refuses_the_row(take: Any) -> None:
    outcome = take("leads", TOLD.replace("2026-02-20", ""), map=TELLING)

    assert outcome.refusals == [(2, "at: is blank, so nobody knows when it happened")]


@pytest.mark.parametrize(
    "told",
    [
        pytest.param("as_of = {}", id="when the facts were true"),
        pytest.param('[[event]]\nkind = "page_viewed"\nat = {}', id="when an event happened"),
        pytest.param('[[consent]]\npurpose = "marketing"\ntext = {{ constant = "Yes" }}\nat = {}', id="when somebody agreed"),
        pytest.param("[[suppression]]\nat = {}", id="when somebody refused"),
    ],
)
def test_an_instant_of_the_map_itself_may_not_lie_in_the_future_either(session: Session, take: Any, told: str) -> None:
    def outcome(at: datetime) -> Any:
        as_of, blocks = ("", told.format(at.isoformat())) if told.startswith("[") else (told.format(at.isoformat()), "")
        return take("leads", "email\nada@example.com\n", map=f'{as_of}\n[lead]\naddress = "email"\n{blocks}')

    late = outcome(NOW + timedelta(minutes=5, seconds=1))

    assert (dict(late.rows), leads_of(session)) == ({"refused": 1}, {})
    assert late.refusals[0][1].split(": ", 1)[1].startswith("'2026-03-02T10:05:01Z' lies in the future")
    assert dict(outcome(NOW + timedelta(minutes=5)).rows) == {"imported": 1}


def test_a_file_changed_in_the_future_tells_no_event_of_its_date(take: Any) -> None:
    the_map = '[lead]\naddress = "email"\n[[event]]\nkind = "page_viewed"\nat = "the file\'s date"'

    outcome = take("leads", "email\nada@example.com\n", map=the_map, now=datetime(2020, 1, 1, tzinfo=UTC))

    assert outcome.refusals[0][1].startswith("at: 'the file's date, 20")


def test_a_consent_to_nothing_refuses_the_row(take: Any) -> None:
    outcome = take("leads", TOLD.replace("Yes please", ""), map=TELLING)

    assert outcome.refusals == [(2, "text: is blank, and nobody can agree to nothing")]


def test_a_column_that_says_no_chooses_nobody(session: Session, take: Any) -> None:
    the_map = '[lead]\naddress = "email"\n[[suppression]]\nfrom = "opt out"'

    outcome = take("leads", "email,opt out\nada@example.com,No\nkenji@example.org,\nmaya@example.net,0\nsam@example.com,since May\n", map=the_map)

    assert outcome.brought["suppressions"] == 1


def test_no_field_is_kept_of_a_row_that_is_refused_for_its_lead(session: Session, take: Any) -> None:
    take("leads", "id,email\n1,ada@example.com\n")

    outcome = take("leads", "id,email,shoe\n2,ada@example.com,41\n3,kenji@example.org,43\n")

    assert (dict(outcome.rows), dict(outcome.undeclared)) == ({"imported": 1, "refused": 1}, {"shoe": 1})


def test_somebody_may_be_called_null(session: Session, take: Any) -> None:
    take("leads", "email,last_name,city\nada@example.com,Null,NULL\n")

    lead = leads_of(session)["ada@example.com"]
    assert (lead.last_name, lead.city) == ("Null", None)


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
