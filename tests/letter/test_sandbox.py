"""Templates are text that somebody wrote: they reach data and nothing else (RELIABILITY H1, H3, H5, I31)."""

import pytest

from ripeline.render import RenderError


class _Loaded:
    """An object that must not be in a letter's data, and does harm when called."""

    fired = False

    def delete(self) -> str:
        self.fired = True
        return "gone"


ESCAPES = [
    "{{ ''.__class__ }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ lead.__init__.__globals__ }}",
    "{{ lead['__class__'] }}",
    "{{ ''|attr('__class__') }}",
    "{{ lead|attr('pop') }}",
    "{{ cycler.__init__.__globals__ }}",
    "{{ cycler('a') }}",
    "{{ lipsum() }}",
    "{{ namespace() }}",
    "{{ self.__init__ }}",
    "{{ self._TemplateReference__context }}",
    "{{ range(10) }}",
    "{{ dict(a=1) }}",
    "{{ '{0.__class__}'.format(lead) }}",
    "{{ '%s'|format(lead) }}",
    "{{ lead.pop('city') }}",
    "{{ lead.items() }}",
    "{{ lead.clear() }}",
    "{% set f = '{}'.format %}{{ f(1) }}",
    "{{ score.reasons.append(1) }}",
    "{{ [1]|map('upper') }}",
    "{{ lead|tojson }}",
    "{{ lead|pprint }}",
    "{{ lead|xmlattr }}",
    "{{ gettext.__globals__ }}",
    "{{ (lead.first_name|escape).__html__() }}",
    "{% for x in lead.first_name.split('d') %}{{ x }}{% endfor %}",
    "{% import lead.first_name as x %}",
    "{% include lead.first_name %}",
    "{% include '../../etc/passwd' %}",
    "{% include 'email/x/../x/body.txt' %}",
    "{{ lead.first_name|safe }}",
    "{% autoescape false %}{{ lead.first_name }}{% endautoescape %}",
    "{% filter upper %}x{% endfilter %}",
    "{{ lead.first_name|shown('x') }}",
    "{{ loop.__class__ }}",
    "{% for x in [1] %}{{ loop._iterable }}{% endfor %}",
    "{% for x in [1] %}{{ loop.cycle('a') }}{% endfor %}",
    "{% set lead.city = 'x' %}",
    "{{ _('a' ~ lead.city) }}",
]


@pytest.mark.parametrize("kind", ["txt", "html"])
@pytest.mark.parametrize("text", ESCAPES)
def test_a_way_out_of_the_sandbox_is_refused(rendered, text, kind):
    with pytest.raises(RenderError):
        rendered(text, kind=kind)


BOMBS = [
    "{{ 'a' * 10**9 }}",
    "{{ ['a'] * 10**9 }}",
    "{{ 9 ** 9 ** 9 }}",
    "{{ score.fit ** score.fit }}",
    "{{ 'a'|center(10**9) }}",
    "{{ '%1000000000d'|format(1) }}",
    "{{ '%1000000000d' % 1 }}",
    "{{ 'a'|indent(10**9) }}",
    "{% set x = lead.city %}" + "{% set x = x ~ x %}" * 64 + "{{ x }}",
    "{% set x = 'abcdefgh' %}" + "{% set x = x ~ x %}" * 64 + "{{ x }}",
    "{% set x = 'abcdefgh' %}" + "{% set x = x + x %}" * 64 + "{{ x }}",
    "{% set x %}{{ lead.city }}{% endset %}" + "{% set x %}{{ x }}{{ x }}{% endset %}" * 64 + "{{ x }}",
    "{% macro a() %}x{% endmacro %}"
    + "".join(f"{{% macro a{n}() %}}{('{{ a' + str(n - 1 if n else '') + '() }}') * 10}{{% endmacro %}}" for n in range(1, 9))
    + "{{ a8() }}",
    "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
    "{{ " + "-" * 5000 + "1 }}",
    "{% for a in score.reasons %}" * 25 + "x" * 1000 + "{% endfor %}" * 25,
]


@pytest.mark.parametrize("text", BOMBS)
def test_a_template_that_would_eat_the_machine_is_refused_at_once(rendered, text):
    with pytest.raises(RenderError):
        rendered(text)


def test_an_object_in_the_data_lends_out_no_method(rendered):
    loaded = _Loaded()

    for text in ("{{ thing.delete() }}", "{{ thing.delete }}", "{% if thing.delete %}x{% endif %}"):
        with pytest.raises(RenderError):
            rendered(text, thing=loaded)

    assert not loaded.fired


def test_a_dicts_methods_do_not_hide_its_items(rendered):
    assert rendered("{{ thing.items }} {{ thing.pop }}", thing={"items": "a", "pop": "b"}) == "a b"


@pytest.mark.parametrize(("kind", "expected"), [
    pytest.param("html", "&lt;script&gt;", id="HTML escapes"),
    pytest.param("txt", "<script>", id="text does not"),
])  # fmt: skip
def test_escaping_follows_the_part_and_not_a_file_name_somebody_chose(rendered, kind, expected):
    assert rendered("{{ lead.first_name }}", kind=kind, lead={"first_name": "<script>"}) == expected


def test_a_name_that_looks_like_a_template_is_a_name(rendered, mjml):
    lead = {"first_name": "{{7*7}}{% raw %}RIPE0x"}

    assert rendered("{{ lead.first_name }}", lead=lead) == lead["first_name"]
    assert lead["first_name"] in mjml("<mj-text>{{ lead.first_name }}</mj-text>", lead=lead)


@pytest.mark.parametrize("text", [
    pytest.param('<a href="{{ lead.first_name }}">x</a>', id="as an address"),
    pytest.param('<img src="{{ lead.first_name }}" alt="">', id="as a picture"),
])  # fmt: skip
def test_a_value_cannot_bring_its_own_scheme_into_an_address(rendered, text):
    with pytest.raises(RenderError, match="stands as an address"):
        rendered(text, kind="html", lead={"first_name": "javascript:alert(1)"})


def test_a_literal_address_with_a_strange_scheme_is_refused(rendered):
    with pytest.raises(RenderError, match="must begin with https"):
        rendered('<a href="javascript:alert(1)">x</a>', kind="html")


def test_an_attribute_needs_quotes_around_a_value(rendered):
    with pytest.raises(RenderError, match="without quotes"):
        rendered("<a title={{ lead.first_name }}>x</a>", kind="html")
