"""Templates resolved before the lead is known: what unfolding does is what Jinja would have done."""

import pytest

from ripeline.render import RenderError

BASE = {"templates/base.txt": "<{% block a %}base a{% endblock %}|{% block b %}base b{% endblock %}>"}
PARTS = {
    "templates/parts.txt": "{% set mark = '!' %}{% macro loud(word, times=1) %}{{ word|upper }}{% for _ in 'x' if times %}{{ mark }}{% endfor %}{% endmacro %}"
    "{% macro boxed(name) %}[{{ caller() }}:{{ name }}]{% endmacro %}"
    "{% macro greeting(lead) %}{% if lead.first_name %}Hi {{ lead.first_name }}{% else %}Hi{% endif %}{% endmacro %}"
}


@pytest.mark.parametrize(("text", "expected"), [
    pytest.param('{% extends "base.txt" %}{% block a %}mine{% endblock %}', "<mine|base b>", id="a block replaces its parent's"),
    pytest.param('{% extends "base.txt" %}{% block b %}{{ super() }}+{% endblock %}', "<base a|base b+>", id="super() is the parent's block"),
    pytest.param('{% extends "base.txt" %}{% set x = "own" %}{% block a %}{{ x }}{% endblock %}', "<own|base b>",
                 id="what a child sets is known in its blocks"),
    pytest.param("{% block a %}A{% endblock %}{{ self.a() }}", "AA", id="self.block() repeats a block"),
    pytest.param('{% include "base.txt" %}', "<base a|base b>", id="an include stands where it is named"),
    pytest.param('{% from "parts.txt" import loud %}{{ loud("a") }}{{ loud(word="b", times=0) }}', "A!B",
                 id="macros take arguments by place, name and default"),
    pytest.param('{% import "parts.txt" as parts %}{{ parts.loud(lead.first_name) }}', "ADA!", id="a macro is reached through its file"),
    pytest.param('{% from "parts.txt" import boxed %}{% call boxed(lead.company) %}in{% endcall %}', "[in:Spreewerk]",
                 id="a call block is what caller() gives"),
    pytest.param('{% from "parts.txt" import greeting %}{% trans x=greeting(lead) %}<{{ x }}>{% endtrans %}', "<Hi Ada>",
                 id="a macro stands inside a sentence"),
    pytest.param("{% set x = 'a' %}{% set x = x ~ 'b' %}{{ x }}", "ab", id="a name set twice has its last value"),
    pytest.param("{% set x = 'a' %}{% if lead.city %}{% set x = 'b' %}{% endif %}{{ x }}", "b", id="a name set under a condition that holds"),
    pytest.param("{% set x = 'a' %}{% if lead.city == 'Rome' %}{% set x = 'b' %}{% endif %}{{ x }}", "a", id="a name set under a condition that does not hold"),
    pytest.param("{% set x = 'a' %}{% for r in score.reasons %}{% set x = r.name %}{% endfor %}{{ x }}", "a", id="a name set in a loop stays in the loop"),
    pytest.param("{% set x %}{{ lead.city }}!{% endset %}{{ x }}", "Berlin!", id="a block can be set"),
    pytest.param("{% with x = lead.city %}{{ x }}{% endwith %}", "Berlin", id="with binds a name"),
    pytest.param("{% for r in score.reasons %}{{ loop.index }}{{ r.name[0] }}{{ ',' if not loop.last }}{% endfor %}", "1D,2C,3S",
                 id="loops know where they are"),
    pytest.param("{% for r in [] %}x{% else %}none{% endfor %}", "none", id="an empty loop has an else"),
    pytest.param("{% for x in ['a'] %}{% set y = x %}{% for x in ['b'] %}{{ y }}{{ x }}{% endfor %}{% endfor %}", "ab",
                 id="an inner loop of the same name hides nothing bound"),
    pytest.param("{% if dir == 'rtl' %}R{% elif lang == 'en' %}E{% else %}L{% endif %}", "E", id="conditions on the language are decided"),
    pytest.param("{{ {'de': 'x'}[lang[:2]]|default('none') }}", "none", id="a table of the author's may lack a key"),
    pytest.param("{% trans count=score.reasons|length %}one{% pluralize %}{{ count }} of them{% endtrans %}", "3 of them", id="plurals count data"),
    pytest.param('{% trans "menu" %}Open{% endtrans %}', "Open", id="a context is not shown"),
    pytest.param("{% trans %}100% sure{% endtrans %}", "100% sure", id="a percent sign is itself"),
    pytest.param("{{ (score.fit + 2) * 2 }}", "84", id="numbers are reckoned with"),
])  # fmt: skip
def test_a_construct_gives_what_jinja_gives(rendered, text, expected):
    assert rendered(text, files=BASE | PARTS) == expected


@pytest.mark.parametrize(("text", "what"), [
    pytest.param("\n{{ lead.frst_name }}", "email/x/body.txt:2  lead.frst_name: nothing is called 'frst_name' here. Did you mean 'first_name'?",
                 id="a misspelt field"),
    pytest.param("{{ lead.frst_name|default('x') }}", "Did you mean 'first_name'?", id="a misspelt field, though it has a default"),
    pytest.param("{% if lead.frst_name %}x{% endif %}", "Did you mean 'first_name'?", id="a misspelt field in a condition"),
    pytest.param("{{ lead.emploees + 1 }}", "nothing is called 'emploees'", id="a misspelt number"),
    pytest.param("{{ led.first_name }}", "nothing is called 'led'", id="a misspelt name"),
    pytest.param("a\n\n{{ lead.region }}", 'email/x/body.txt:3  lead.region has no value here: write lead.region|default("…")', id="a value that is not there"),
    pytest.param("{{ lead.region|upper }}", "lead.region has no value", id="a filter of a value that is not there"),
    pytest.param("{% trans region=lead.region %}in {{ region }}{% endtrans %}", "lead.region has no value", id="a value that is not there inside a sentence"),
    pytest.param("{{ 'in ' ~ lead.region }}", "lead.region has no value", id="a joined value that is not there"),
    pytest.param("a\n{% if %}", "email/x/body.txt:2  not understood", id="broken syntax"),
    pytest.param("{{ lead.city|uper }}", "no filter 'uper'. Did you mean 'upper'?", id="a misspelt filter"),
    pytest.param('{% extends "bse.txt" %}', "no template 'bse.txt'. Did you mean 'base.txt'?", id="a misspelt parent"),
    pytest.param('{% extends "email/x/body.txt" %}', "break the ring", id="a template that extends itself"),
    pytest.param('{% from "parts.txt" import lowd %}', "parts.txt has no macro 'lowd'. Did you mean 'loud'?", id="a misspelt macro"),
    pytest.param('{% from "parts.txt" import loud %}{{ loud() }}', "macro 'loud' needs word", id="a macro without its argument"),
    pytest.param('{% from "parts.txt" import loud %}{{ loud("a", tims=2) }}', "macro 'loud' takes word, times", id="a macro with a strange argument"),
    pytest.param("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "nest too deeply", id="a macro that calls itself"),
    pytest.param("{{ lead.city|date }}", "email/x/body.txt:1", id="a filter on what it is not for"),
    pytest.param("{{ meeting.starts_at|datetime }}", "name a zone", id="an instant without a clock"),
    pytest.param("{{ meeting.starts_at|datetime('Mars/Base') }}", "Mars/Base", id="an instant on no known clock"),
])  # fmt: skip
def test_a_mistake_is_named_with_file_line_and_remedy(rendered, text, what):
    with pytest.raises(RenderError) as refused:
        rendered(text, files=BASE | PARTS, lead={"first_name": "Ada", "city": "Berlin", "region": None})

    assert what in str(refused.value)


def test_a_fault_in_a_shared_file_is_told_where_it_was_written(rendered):
    files = {"templates/base.txt": "one\ntwo\n{{ lead.nothing }}"}

    with pytest.raises(RenderError) as refused:
        rendered('{% extends "base.txt" %}', files=files)

    assert (refused.value.template, refused.value.line) == ("templates/base.txt", 3)


def test_default_stands_in_for_what_a_lead_lacks(rendered):
    assert rendered('{{ lead.city|default("your town") }}', lead={"city": None}) == "your town"


def test_a_letter_speaks_the_catalogues_language_with_its_plurals(rendered):
    text = "{% trans name=lead.first_name %}Hello {{ name }},{% endtrans %} {% trans count=2 %}one day{% pluralize %}{{ count }} days{% endtrans %}"

    assert rendered(text, locale="de") == "Guten Tag Ada, 2 Tage"
