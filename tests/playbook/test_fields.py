"""playbook/fields.toml: what may be asked, in conditions and in mails."""

import pytest
from shipped import IN_ENGLISH

from models import Event, Lead
from ripeline.decide.fields import IN_A_TRACK, FieldType
from ripeline.playbook.fields import FieldsFile
from ripeline.playbook.finding import Finding
from ripeline.playbook.playbook import FIELDS, examine
from ripeline.playbook.reading import read_toml
from ripeline.playbook.taken import OF_EVENTS, OF_LEADS, PROPERTIES
from ripeline.sweep.ingest.lead_rows import COLUMNS
from ripeline.sweep.ingest.storing import PROPERTY_TYPES

GOOD = """
[lead.budget]
type     = "number"
meaning  = "Yearly budget"
example  = 12000
[lead.plan]
type     = "choice"
meaning  = "Plan"
choices  = ["free", "team"]
personal = true
[event.trial_begun]
meaning = "Somebody began a trial"
[event.trial_begun.plan]
type    = "text"
meaning = "Which one"
"""


def read(text: str) -> tuple[FieldsFile | None, list[str]]:
    """Return the file and what was found in it."""
    findings: list[Finding] = []
    return read_toml("playbook/fields.toml", text, FieldsFile, findings), [f"{finding.line} {finding.what} {finding.remedy}" for finding in findings]


def test_what_is_declared_may_be_asked() -> None:
    shape, _ = read(GOOD)

    assert shape is not None
    fields = shape.as_fields()
    assert (fields.lead["budget"].type, fields.lead["budget"].example) == (FieldType.NUMBER, 12000)
    assert (fields.lead["plan"].choices, fields.lead["plan"].is_personal) == (("free", "team"), True)
    assert list(fields.event["trial_begun"]) == ["plan"]
    assert shape.meanings() == {"trial_begun": "Somebody began a trial"}


@pytest.mark.parametrize(("old", "new", "said"), [
    pytest.param('type     = "number"', 'type     = "money"', "'type' is 'money', and may be 'text', 'number'", id="a type that is none"),
    pytest.param('choices  = ["free", "team"]', "", "choices go with type", id="a choice without choices"),
    pytest.param('meaning = "Somebody', 'meening = "Somebody', "event trial_begun.meening is a text", id="a text that is no property"),
    pytest.param("example  = 12000", "exmaple  = 12000", "Did you mean 'example'?", id="a key"),
])  # fmt: skip
def test_a_mistake_is_told(old: str, new: str, said: str) -> None:
    assert old in GOOD
    shape, found = read(GOOD.replace(old, new, 1))

    assert shape is None
    assert any(said in each for each in found), found


def declared(*tables: str, of: str = "text") -> list[str]:
    """Return what is found in the shipped playbook with fields of these tables declared beside its own."""
    more = "".join(f'[{table}]\ntype = "{of}"\nmeaning = "From the CRM"\n' for table in tables)
    return [str(finding) for finding in examine(IN_ENGLISH | {FIELDS: IN_ENGLISH[FIELDS] + more}, letters=False)[1]]


@pytest.mark.parametrize("name", ["stage", "grade", "total", "id", "is_on_hold", "updated_at", "version", "group", "excluded", "entered_total", "events"])
def test_a_lead_field_called_like_something_of_ours_is_refused_with_another_name(name: str) -> None:
    (told,) = declared(f"lead.{name}")
    assert f"[lead.{name}]: '{name}' is the name of something else" in told
    assert told.endswith(f"Choose another name, such as crm_{name}.")


@pytest.mark.parametrize("name", ["source", "lead_id", "kind", "at", "raw", "until", "began", "actor", "message_id", "more"])
def test_a_property_called_like_something_of_ours_is_refused_with_another_name(name: str) -> None:
    (told,) = declared(f"event.page_viewed.{name}")
    assert f"[event.page_viewed.{name}]: '{name}' is the name of something else" in told
    assert told.endswith(f"Choose another name, such as page_{name}.")


def test_a_date_is_not_called_like_a_column_of_the_touches_that_hang_on_it() -> None:
    (told,) = declared("lead.expires", of="date")
    assert "such as crm_expires" in told
    assert declared("lead.expires") == []


def test_names_of_our_columns_are_free_where_the_column_is_the_field_itself() -> None:
    ours = {"address", "source", "created_at", *COLUMNS}
    assert set(Lead.model_fields) - OF_LEADS == ours
    assert set(Event.model_fields) - OF_EVENTS == PROPERTIES == set(PROPERTY_TYPES)
    assert set(IN_A_TRACK) <= OF_LEADS
    assert declared("lead.address", "lead.budget", "lead.track", "lead.letter", "event.form_sent.path", "event.page_viewed.received") == []
