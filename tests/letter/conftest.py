"""What the tests of letters share: a way to render a few lines, and a small playbook with two languages."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from ripeline.letter.catalogue import read_catalogue
from ripeline.letter.sample import sample_data
from ripeline.render import Sources, compiled_part

Rendered = Callable[..., str]

FRAME = """<mjml lang="{{ lang }}" dir="{{ dir }}"><mj-head><mj-title>{{ self.heading() }}</mj-title>
<mj-raw><meta name="color-scheme" content="light dark" /></mj-raw></mj-head><mj-body background-color="#ffffff">
<mj-section><mj-column><mj-text>{% block heading %}Title{% endblock %}</mj-text>{% block content %}{% endblock %}</mj-column></mj-section></mj-body></mjml>"""

HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'

GERMAN = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "Hello %(name)s,"
msgstr "Guten Tag %(name)s,"

msgid "one day"
msgid_plural "%(count)s days"
msgstr[0] "ein Tag"
msgstr[1] "%(count)s Tage"

msgid "Read on"
msgstr "Weiterlesen"
"""

SUBJECT = '{% trans name=(lead.first_name|default("you"))[:40] %}Hello {{ name }},{% endtrans %}'
HELLO = '{% trans name=lead.first_name|default("you") %}Hello {{ name }},{% endtrans %}'


@pytest.fixture
def rendered() -> Rendered:
    """Give a function that renders one template text with the sample lead: `rendered(text, is_html=…, locale=…, files=…, **data)`."""

    def render(text: str, *, kind: str = "txt", locale: str = "en", files: Mapping[str, str] | None = None, **data: Any) -> str:
        folder = {"txt": "email/x/body.txt", "html": "web/x.html", "mjml": "email/x/body.mjml"}[kind]
        whole = {f"templates/{folder}": text, "locales/de/LC_MESSAGES/messages.po": GERMAN} | dict(files or {})
        if locale not in ("en", "de"):
            whole[f"locales/{locale}/LC_MESSAGES/messages.po"] = HEADER
        return compiled_part(Sources(whole), folder, read_catalogue(whole, locale)).filled(sample_data() | data)

    return render


@pytest.fixture
def mjml(rendered: Rendered) -> Rendered:
    """Give a function that renders words inside one MJML column."""

    def render(column: str, **kwargs: Any) -> str:
        text = f'{{% extends "frame.mjml" %}}{{% block content %}}{column}{{% endblock %}}'
        return rendered(text, kind="mjml", files={"templates/frame.mjml": FRAME} | kwargs.pop("files", {}), **kwargs)

    return render


@pytest.fixture
def small() -> dict[str, str]:
    """Give the files of a playbook with one letter in English and German."""
    return {
        "templates/frame.mjml": FRAME,
        "templates/email/hello/subject.txt": SUBJECT,
        "templates/email/hello/body.txt": HELLO
        + "\n\n{% trans %}Read on{% endtrans %}\n{{ link.site }}/guide\n{{ link.unsubscribe }}\n{{ link.site }}/imprint\n{{ sender.postal_address }}",
        "templates/email/hello/body.mjml": '{% extends "frame.mjml" %}{% block content %}<mj-text>'
        + HELLO
        + '</mj-text><mj-button href="{{ link.site }}/guide">{% trans %}Read on{% endtrans %}</mj-button>'
        + '<mj-text><a href="{{ link.unsubscribe }}">x</a> <a href="{{ link.site }}/imprint">y</a> {{ sender.postal_address }}</mj-text>{% endblock %}',
        "locales/de/LC_MESSAGES/messages.po": GERMAN,
    }
