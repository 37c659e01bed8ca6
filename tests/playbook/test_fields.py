"""playbook/fields.toml: what may be asked, in conditions and in mails."""

import pytest

from ripeline.decide.fields import FieldType
from ripeline.playbook.fields import FieldsFile
from ripeline.playbook.finding import Finding
from ripeline.playbook.reading import read_toml

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
