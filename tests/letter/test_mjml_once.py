"""MJML is compiled once; what a lead changes survives the compiler (docs/decisions/0003-mjml-once.md)."""

import mjml as compiler
import pytest

from ripeline.render import RenderError


def test_a_body_is_compiled_once_however_many_leads_read_it(small, monkeypatch):
    from ripeline.letter.sample import sample_data
    from ripeline.letter.writing import write_letter

    compiled = []
    real = compiler.mjml2html
    monkeypatch.setattr(compiler, "mjml2html", lambda source, **options: compiled.append(source) or real(source, **options))

    for name in ("Ada", "Kenji", "Maya"):
        assert name in write_letter(small, "email/hello", "en", sample_data({"first_name": name})).html

    assert len(compiled) == 1


def test_a_condition_around_sections_chooses_sections(mjml):
    text = "<mj-text>always</mj-text>{% if lead.city %}<mj-text>city {{ lead.city }}</mj-text>{% else %}<mj-text>nowhere</mj-text>{% endif %}"

    assert "city Berlin" in mjml(text)
    assert "nowhere" not in mjml(text)
    assert "nowhere" in mjml(text, lead={"city": None})


def test_a_loop_repeats_sections_words_and_rows(mjml):
    text = (
        "{% for r in score.reasons %}<mj-text>[{{ r.name }}]</mj-text>{% endfor %}"
        "<mj-text>{% for r in score.reasons %}({{ r.points }}){% endfor %}</mj-text>"
        "<mj-table>{% for r in score.reasons %}<tr><td>{{ loop.index }}</td></tr>{% endfor %}</mj-table>"
    )

    html = mjml(text)

    assert html.count("<div") == html.count("</div>")
    assert [html.count(each) for each in ("[Decision maker]", "(15)", ">2</td></tr>")] == [1, 1, 1]
    assert html.count("<tbody>") == html.count("</tbody>")


def test_a_condition_inside_an_attribute_is_kept(mjml):
    text = '<mj-button href="{{ link.site }}{% if lead.city %}/berlin{% endif %}">Go</mj-button>'

    assert 'href="https://www.example.com/berlin"' in mjml(text)


def test_a_style_from_data_is_kept(mjml):
    assert "color:#123456" in mjml('<mj-text color="{{ lead.color }}">x</mj-text>', lead={"color": "#123456"}).replace(" ", "")


def test_styles_are_inlined_and_media_queries_stay(mjml):
    text = '<mj-raw></mj-raw><mj-text><p class="a">x</p></mj-text>'
    frame = (
        "<mjml><mj-head><mj-style>.a { color: red } @media (max-width: 400px) { .a { color: blue } }</mj-style></mj-head><mj-body>"
        "<mj-section><mj-column>{% block content %}{% endblock %}</mj-column></mj-section></mj-body></mjml>"
    )

    html = mjml(text, files={"templates/frame.mjml": frame})

    assert '<p class="a" style="color: red;' in html.replace("margin: 13px 0;", "").replace("display: block;", "") or "color: red" in html
    assert "@media (max-width: 400px)" in html


def test_a_right_to_left_letter_runs_so_in_every_section(mjml):
    html = mjml("<mj-text>x</mj-text>", locale="ar")

    assert 'dir="rtl"' in html
    assert 'lang="ar"' in html
    assert "direction:ltr" not in html.replace(" ", "")


def test_nothing_is_fetched_that_the_author_did_not_name(mjml):
    html = mjml('<mj-text font-family="Ubuntu">x</mj-text><mj-button>y</mj-button>')

    assert "fonts.googleapis.com" not in html
    with pytest.raises(RenderError, match="give it a src of your own"):
        mjml('<mj-social><mj-social-element name="facebook" href="https://x.example">f</mj-social-element></mj-social>')


def test_layout_tables_say_that_they_are_layout(mjml):
    html = mjml("<mj-text>x</mj-text>")

    assert html.count('role="presentation"') >= html.count("<table") - html.count("<!--[if mso | IE]><table")


def test_translated_words_may_hold_quotes_inside_an_attribute(mjml):
    german = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "Picture"\nmsgstr "Ein \\"Bild\\""\n'

    html = mjml(
        '<mj-image src="https://x.example/a.png" alt="{% trans %}Picture{% endtrans %}" />', locale="de", files={"locales/de/LC_MESSAGES/messages.po": german}
    )

    assert 'alt="Ein &quot;Bild&quot;"' in html


@pytest.mark.parametrize(("text", "what"), [
    pytest.param("<mj-foo>x</mj-foo>", "MJML has no <mj-foo>", id="an unknown tag"),
    pytest.param("lost words", "drops words that stand outside <mj-text>", id="words where MJML drops them"),
    pytest.param("{{ lead.city }}", "drops words that stand outside <mj-text>", id="a value where MJML drops it"),
    pytest.param("<mj-text>x", "<mj-text> is opened and not closed", id="a tag that is not closed"),
    pytest.param("<mj-text><span title=a>x</span></mj-text>", "MJML does not understand it", id="an attribute without quotes"),
    pytest.param('<mj-text colour="{{ lead.city }}">x</mj-text>', "MJML drops what stands here", id="a value in an attribute MJML does not know"),
    pytest.param("<mj-text><b>{% if lead.city %}</b>{% endif %}</mj-text>", "begins and ends in different tags", id="a condition that cuts through a tag"),
])  # fmt: skip
def test_what_mjml_would_drop_or_garble_is_refused(mjml, text, what):
    with pytest.raises(RenderError) as refused:
        mjml(text)

    assert what in str(refused.value)


def test_the_words_of_our_marks_cannot_be_written_by_hand(mjml):
    with pytest.raises(RenderError, match="is a mark of ours"):
        mjml("<mj-text>RIPE99x</mj-text>")
