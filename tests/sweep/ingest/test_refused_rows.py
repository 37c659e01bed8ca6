"""Rows of leads that are refused: why, what is kept of them, and how they come in once mended."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from importing import leads_of, rejects_of
from sqlmodel import Session

from ripeline.connect.sources import jsonl

DAY = timedelta(days=1)


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
