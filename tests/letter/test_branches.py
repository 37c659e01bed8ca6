"""Mistakes where no lead of a check comes by: every `{% if %}` is taken both ways, every loop full and empty, by force where it must be."""

import pytest

from ripeline.letter.check import letter_faults

BODY = "templates/email/hello/body.txt"
HERE = "for somebody on a branch that none of these leads takes, in de: "


def _faults(small: dict[str, str], text: str) -> list[str]:
    small[BODY] += f"\n{text}"
    return [str(fault) for fault in letter_faults(small, ("budget",)) if not fault.is_warning]


@pytest.mark.parametrize(("text", "what"), [
    pytest.param("{% if lead.country == 'NL' %}\n{{ lead.cty }}{% endif %}", "body.txt:9  " + HERE + "lead.cty: nothing is called 'cty' here.",
                 id="a typo for one country"),
    pytest.param("{% if lead.country == 'NL' %}{% if lead.employees > 900 %}{{ lead.cty }}{% endif %}{% endif %}", "lead.cty: nothing is", id="two deep"),
    pytest.param("{% if lead.country == 'NL' %}x{% elif lead.country == 'BE' %}{{ lead.city|date }}{% endif %}", "body.txt:8",
                 id="a filter on what it is not for"),
    pytest.param("{{ lead.cty if lead.country == 'NL' else 'x' }}", "lead.cty: nothing is", id="a condition inside an expression"),
    pytest.param("{% if lead.country == 'NL' %}{% for r in score.reasons %}{{ r.nme }}{% endfor %}{% endif %}", "nothing is called 'nme'", id="inside a loop"),
    pytest.param("{% if lead.budget %}{{ lead.budget|number }} {{ lead.cty }}{% endif %}", "lead.cty: nothing is",
                 id="behind a field that no lead has"),
    pytest.param("{% for r in score.reasons %}{{ r.name }}{% else %}{{ lead.cty }}{% endfor %}", "body.txt:8  " + HERE + "lead.cty: nothing is called 'cty'",
                 id="in place of a loop with nothing to go through"),
    pytest.param("{% for r in score.reasons if r.points > 9000 %}{{ r.nme }}{% else %}x{% endfor %}", "nothing is called 'nme'", id="in a loop that drops all"),
    pytest.param("{% for r in score.reasons[99:] %}{{ lead.cty }}{% endfor %}", "lead.cty: nothing is", id="in a loop that is always empty"),
    pytest.param("{% for r in score.reasons %}{% if r.points > 9000 %}{{ r.nme }}{% endif %}{% else %}x{% endfor %}", "nothing is called 'nme'",
                 id="on a branch within a loop"),
])  # fmt: skip
def test_a_mistake_on_a_branch_nobody_takes_is_found_with_file_and_line(small: dict[str, str], text: str, what: str) -> None:
    small["playbook/fields.toml"] = '[lead.budget]\ntype = "number"\nmeaning = "x"\nexample = 5\n'

    faults = _faults(small, text)

    assert any(what in fault for fault in faults), faults


@pytest.mark.parametrize("text", [
    pytest.param("{% if lead.country == 'NL' %}fine{% else %}too{% endif %}", id="both ways are sound"),
    pytest.param("{% if lead.budget %}{{ lead.budget }}{% endif %}", id="a value that only those have who come this way"),
    pytest.param("{% if score.reasons|length > 5 %}{{ score.reasons[5].name }}{% endif %}", id="an item that only those have"),
    pytest.param("{% for r in score.reasons if r.points > 9000 %}{{ r.name }}{% else %}none{% endfor %}", id="a loop with and without"),
    pytest.param("{% for r in score.reasons[99:] %}{{ r.name }}{% endfor %}", id="items that only those have"),
    pytest.param("{% for n in [1, 2] %}{{ n }}{% else %}{{ lead.first_name|default('') }}{% endfor %}", id="a list that never changes"),
])  # fmt: skip
def test_a_branch_that_its_readers_can_take_is_no_fault(small: dict[str, str], text: str) -> None:
    assert _faults(small, text) == []
