"""Maps: what they may say, and how a mistake in one is told."""

from datetime import UTC, datetime
from typing import Any

import pytest
from shipped import FILES

from ripeline.decide.fields import Fields
from ripeline.playbook.fields import FieldsFile
from ripeline.playbook.mapping import FILE_DATE, Constant, EventsMap, LeadsMap, SuppressionsMap
from ripeline.playbook.maps import check_imports, default_map, read_map
from ripeline.playbook.reading import read_toml
from ripeline.values import Refusal


@pytest.fixture(scope="module")
def fields() -> Fields:
    """Give the shipped fields."""
    path = "playbook/fields.toml"
    found = read_toml(path, FILES[path], FieldsFile, [])
    assert found is not None
    return found.as_fields()


def leads_map(text: str, fields: Fields) -> LeadsMap:
    return read_map("mine.toml", text, LeadsMap, fields)


def test_the_shipped_maps_hold(fields: Fields) -> None:
    assert check_imports(FILES, fields) == []
    assert {default_map(FILES, shape, fields).title for shape in (LeadsMap, EventsMap, SuppressionsMap)} == {"Leads", "Events", "Suppressions"}


def test_a_value_is_a_column_a_template_a_list_of_columns_or_a_constant(fields: Fields) -> None:
    found = leads_map('[lead]\naddress = "lead-{No}@example.com"\ncity = "Town"\nphone = ["Mobile", "Phone"]\nindustry = { constant = "Education" }', fields)

    assert found.lead == {"address": "lead-{No}@example.com", "city": "Town", "phone": ("Mobile", "Phone"), "industry": Constant(constant="Education")}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param('"Seen"', "Seen", id="a column"),
        pytest.param(f'"{FILE_DATE}"', FILE_DATE, id="the file's date"),
        pytest.param("2026-02-27", datetime(2026, 2, 27, tzinfo=UTC), id="a day"),
        pytest.param("2026-02-27T12:00:00+01:00", datetime(2026, 2, 27, 11, tzinfo=UTC), id="an instant"),
    ],
)
def test_an_event_says_when(fields: Fields, written: str, expected: object) -> None:
    assert leads_map(f'[[event]]\nkind = "page_viewed"\nat = {written}', fields).event[0].at == expected


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param('titel = "x"', "mine.toml:1 +unknown key 'titel'. Did you mean 'title'?", id="a key nobody knows"),
        pytest.param(
            '[lead]\nctiy = "Town"',
            "mine.toml:2 +attribute 'ctiy' is not declared in playbook/fields.toml. Did you mean 'city'?",
            id="an attribute nobody declared",
        ),
        pytest.param('[lead]\nemail_domain = "Domain"', "mine.toml:2 +attribute 'email_domain' is not declared", id="an attribute that is worked out"),
        pytest.param('[lead]\ncity = "{Town"', "mine.toml:2 +\\[lead\\]: '{Town' has a brace without its other half", id="half a brace"),
        pytest.param("[lead]\ncity = 5", "mine.toml:2 +\\[lead\\]: 5 is no value: write a column", id="a number for a column"),
        pytest.param(
            '[[event]]\nkind = "page_viewed"',
            'mine.toml:1 +\\[event\\]: an event must say when it happened: write at = "<column>"',
            id="no time",
        ),
        pytest.param(
            '[[event]]\nkind = "page_viewed"\nat = 2026-02-27T12:00:00',
            "mine.toml:3 +\\[event\\]: 2026-02-27T12:00:00 has no zone",
            id="no zone",
        ),
        pytest.param(
            '[[event]]\nkind = "page_veiwed"\nat = "Seen"',
            "mine.toml:2 +kind of event 'page_veiwed' is not declared.* Did you mean 'page_viewed'?",
            id="a kind nobody declared",
        ),
        pytest.param(
            '[[event]]\nkind = "page_viewed"\nat = "Seen"\nwith = { pth = "Page" }',
            "mine.toml:4 +property 'pth' is not declared for this kind",
            id="a property nobody declared",
        ),
        pytest.param(
            '[[event]]\nkind = { Opened = "mail_opened" }\nat = "Seen"', "kind as a table needs the column it reads", id="a table of kinds without a column"
        ),
        *(
            pytest.param(
                f'[[event]]\nkind = "page_viewed"\nat = "Seen"\ntimes = {times}',
                f"mine.toml:4 +\\[event\\]: times is {times}: write a column with a count, or a whole number from 1 to 1,000",
                id=f"an event {times} times",
            )
            for times in ("-3", "0", "1001", "2.5", "100000000")
        ),
        pytest.param(
            '[[suppression]]\nscope = "nurtur"',
            "mine.toml:2 +\\[suppression\\]: 'nurtur' is no scope: write all, or track:<name>",
            id="a suppression of nothing",
        ),
        pytest.param('[[suppression]]\nscope = "track:"', "'track:' is no scope", id="a suppression of a track without a name"),
        pytest.param('[[suppression]]\nis = "Yes"', "'is' and 'not' say what a column holds", id="a value of no column"),
        pytest.param(
            '[[consent]]\npurpose = "selling"\ntext = "x"\nat = "Seen"',
            "mine.toml:2 +\\[consent\\]: 'purpose' is '[^']*', and may be 'marketing'",
            id="no purpose",
        ),
        pytest.param('[[consent]]\npurpose = "marketing"\nat = "Seen"', "mine.toml:1 +\\[consent\\]: 'text' is missing", id="a consent to nothing"),
        pytest.param('[values.contry]\nx = "DE"', "mine.toml:1 +'contry' is nothing that this map fills. Did you mean 'country'?", id="values of nothing"),
        pytest.param(
            '[formats]\ncreatd_at = ["%d/%m/%Y"]',
            "mine.toml:2 +'creatd_at' is no date or time that this map fills. Did you mean 'created_at'?",
            id="a format of nothing",
        ),
        pytest.param('[formats]\ncity = ["%d/%m/%Y"]', "mine.toml:2 +'city' is no date or time that this map fills", id="a format of a town"),
        pytest.param('[formats]\ncreated_at = ["%Q"]', "mine.toml:2 +.*'%Q' is no way to write dates: write one such as %d/%m/%Y", id="a format nobody knows"),
        pytest.param('[formats]\ncreated_at = ["DD/MM/YYYY"]', "'DD/MM/YYYY' is no way to write dates", id="a format in letters"),
        pytest.param('missing = "-"', "mine.toml:1 +'missing' is '-', and must be a list: write it in brackets.", id="a text for a list"),
        pytest.param("title = 3", "mine.toml:1 +'title' is 3, and must be a text: write it in quotes.", id="a number for a text"),
        pytest.param('lead = "email"', "mine.toml:1 +'lead' is 'email', and must be a table", id="a text for a table"),
        pytest.param(
            'title = "x"\nignore = 3', "mine.toml:2 +'ignore' is 3, and may be 'the rest'.\nmine.toml:2 +'ignore' is 3, and must be a list", id="neither of two"
        ),
        pytest.param('zone = "Mars/Base"', "zone 'Mars/Base' is unknown: write an IANA name", id="a zone that does not exist"),
        pytest.param("title =", "mine.toml:1 +not TOML", id="no TOML"),
    ],
)
def test_a_mistake_is_told_by_line_with_the_nearest_word(fields: Fields, text: str, told: str) -> None:
    with pytest.raises(Refusal, match=told.replace("?", r"\?").replace("{", r"\{")):
        leads_map(text, fields)


@pytest.mark.parametrize("form", ["%d/%m/%Y", "%d.%m.%y %H:%M:%S", "%Y-%m-%dT%H:%M:%S%z", "%d %B %Y", "%G-W%V-%u", "unix milliseconds"])
def test_a_map_says_how_its_dates_are_written(fields: Fields, form: str) -> None:
    assert leads_map(f'[formats]\ncreated_at = ["{form}"]', fields).formats == {"created_at": (form,)}


@pytest.mark.parametrize(
    ("shape", "text"),
    [
        pytest.param(EventsMap, 'lead = "l"\nkind = "k"\nat = "t"\n[values.actor]\nbot = "machine"\n[values.lead]\nx = "y"', id="of an event"),
        pytest.param(SuppressionsMap, 'address = "a"\n[values.scope]\neverything = "all"\n[formats]\nat = ["%d/%m/%Y"]', id="of a suppression"),
    ],
)
def test_a_map_says_what_any_word_means_that_it_fills(fields: Fields, shape: Any, text: str) -> None:
    assert read_map("mine.toml", text, shape, fields).values


def test_the_shape_of_a_map_is_seen_by_what_it_says(fields: Fields) -> None:
    files = {
        "playbook/imports/a.toml": '[lead]\naddres = "x"',
        "playbook/imports/b.toml": 'lead = "x"\nkind = "y"\nat = "z"\nidd = "w"',
        "playbook/imports/c.toml": 'address = "x"\nreasn = "y"',
        "playbook/scoring/d.toml": "nonsense = 1",
    }

    assert [(finding.path, finding.line) for finding in check_imports(files, fields)] == [
        ("playbook/imports/a.toml", 2), ("playbook/imports/b.toml", 4), ("playbook/imports/c.toml", 2),
    ]  # fmt: skip


def test_a_rank_that_is_not_declared_is_told_by_line(fields: Fields) -> None:
    findings = check_imports({"playbook/lists/seniority.xx.txt": "# ranks\nboss: chief\n"}, fields)

    assert [str(finding).split("  ")[0] for finding in findings] == ["playbook/lists/seniority.xx.txt:2"]
    assert findings[0].what == "'boss' is no rank."
