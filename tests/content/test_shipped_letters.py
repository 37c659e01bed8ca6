"""Every shipped letter, for the leads that break letters, in languages that differ in all that matters; `ripeline check` takes them all."""

import re
import tomllib
from dataclasses import asdict
from functools import cache
from html import unescape

import pytest
from jinja2 import DictLoader, Environment, StrictUndefined
from shipped import FEW, FILES, LANGUAGES

from ripeline.letter.catalogue import confirmed, locales_in, read_catalogue
from ripeline.letter.check import HOSTILE_LEADS, letter_faults
from ripeline.letter.extraction import POT, stale
from ripeline.letter.folder import parts_of, templates_in
from ripeline.letter.sample import sample_data
from ripeline.letter.writing import complete_locales, letter_asks, letter_parts, write_letter
from ripeline.playbook.playbook import parse_playbook
from ripeline.playbook.telling import market_data
from ripeline.render.formats import formats_for
from ripeline.settings import CLONE

LETTERS = [template for template in templates_in(FILES) if not template.startswith("web/")]
LOCALES = locales_in(FILES)
DECLARED = tuple(tomllib.loads(FILES["playbook/fields.toml"])["lead"])


def told(template, lead=None):
    """Return the sample's data for a shipped letter, every condition answered with yes; the title of the next asset is in no language."""
    asset = {"name": "x", "title": "Tidewerk", "address": "https://www.example.com/x", "topic": None}
    answers = dict.fromkeys(letter_asks(FEW, template, "en").conditions, True)
    return sample_data(lead, fields=DECLARED) | {"answers": answers, "next_asset": asset}


_ISOLATES = str.maketrans("", "", "\u2068\u2069")


@pytest.mark.parametrize("template", templates_in(FILES))
def test_a_shipped_letter_has_no_fault(template):
    assert [str(fault) for fault in letter_faults(FEW, DECLARED, only=template)] == []


@pytest.mark.parametrize("template", templates_in(FILES))
def test_a_shipped_letter_is_complete_in_every_shipped_language(template):
    assert set(complete_locales(FILES, template)) == set(LOCALES)


def test_the_shipped_letters_serve_every_part_of_the_funnel():
    assert {template for template in LETTERS if template.startswith("email/")} == {
        "email/welcome-confirm", "email/welcome-hello",
        "email/welcome-guide", "email/industry-trends", "email/how-to-start", "email/checklist",
        "email/case-study", "email/case-recap", "email/compare-options", "email/webinar-invite", "email/customer-story",
        "email/product-tour", "email/live-demo", "email/pricing-overview", "email/book-a-call", "email/book-a-call-short", "email/book-a-call-reminder",
        "email/sales-ready-invite",
        "email/miss-you", "email/whats-new", "email/last-letter",
        "email/lost-checkin", "email/what-changed", "email/fresh-start",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("locale", "market", "price"),
    [
        pytest.param("de", "de", "12,00\xa0€", id="euros, as Germans write them"),
        pytest.param("en", "us", "$13.00", id="dollars, by the market's own list price"),
        pytest.param("ja", "jp", "￥1,980", id="yen have no hundredths"),
        pytest.param("en", "sa", "SAR49.08", id="riyals, by the rate"),
        pytest.param("ar", "sa", "\u200f49.08\xa0ر.س.\u200f", id="riyals in Arabic"),
        pytest.param("pl", None, None, id="in no market no price is named"),
    ],
)
def test_the_letter_on_prices_names_ours_in_the_money_of_the_market(locale, market, price):
    data = told("email/pricing-overview") | {"market": asdict(market_data(parse_playbook(FILES), market))}

    letter = write_letter(FEW, "email/pricing-overview", locale, data)

    for body in (letter.text, unescape(letter.html)):
        assert price in body if price else not re.search(r"None|12[.,]00", body)


@pytest.mark.parametrize("locale", LOCALES)
def test_every_translation_has_the_placeholders_of_its_original(locale):
    assert list(read_catalogue(FILES, locale).faults()) == []


@pytest.mark.parametrize("locale", [locale for locale in LOCALES if locale != "en"])
def test_every_catalogue_is_whole(locale):
    """Every text of its own is confirmed, in every plural form; that they are all that the templates say, the test below tells."""
    catalogue = read_catalogue(FILES, locale)

    assert [entry.id for entry in catalogue.entries() if confirmed(entry, 1 if isinstance(entry.id, str) else catalogue.plural_forms) is None] == []


def test_no_catalogue_is_behind_the_templates():
    assert stale(FILES | {POT: (CLONE / POT).read_text(encoding="utf-8")}) == [], "run `make translations` and commit what it writes"


@pytest.mark.parametrize("locale", LANGUAGES[1:])
@pytest.mark.parametrize("template", LETTERS)
def test_a_translated_letter_says_nothing_in_english(template, locale):
    letter = write_letter(FEW, template, locale, told(template))
    translated = {text for text, translation in _texts(locale) if text != translation and len(text) > 12 and "%(" not in text}

    assert [text for text in translated if text in letter.text or text in unescape(letter.html)] == []


@cache
def _texts(locale):
    entries = read_catalogue(FILES, locale).entries()
    return [(entry.id, entry.string) for entry in entries if isinstance(entry.id, str) and isinstance(entry.string, str)]


@pytest.mark.parametrize("what", HOSTILE_LEADS)
@pytest.mark.parametrize("template", LETTERS)
def test_a_hostile_lead_changes_words_and_never_the_structure(template, what):
    plain = write_letter(FEW, template, "en", told(template))
    hostile = write_letter(FEW, template, "en", told(template, HOSTILE_LEADS[what]))

    assert set(_tags(hostile.html)) - {"bdi", "/bdi"} <= set(_tags(plain.html))
    assert hostile.html.count("<script") == 0
    assert "\u202e" not in hostile.text + hostile.html
    assert len(hostile.subject.splitlines()) == 1


def _tags(html):
    return re.findall(r"<(/?\w+)", html)


@pytest.mark.parametrize("locale", ["ar", "he"])
def test_a_right_to_left_letter_says_so(locale):
    html = write_letter(FILES, "email/case-study", locale, told("email/case-study")).html

    assert re.search(rf'<html lang="{locale}" dir="rtl"', html)
    assert "direction:ltr" not in html.replace(" ", "")


@pytest.mark.parametrize("template", LETTERS)
def test_the_text_part_is_text_and_has_every_link_in_full(template):
    """RELIABILITY D8: no style, no tag, no run of empty lines, the way to act as an address."""
    letter = write_letter(FEW, template, "de", told(template))

    assert not re.search(r"</?\w+|\{|font-family|\n{3,}|[ \t]\n(?<!-- \n)", letter.text)
    assert {unescape(link) for link in re.findall(r'href="(https?://[^"]+)"', letter.html)} == set(re.findall(r"https?://[^\s\u2068\u2069]+", letter.text))


@pytest.mark.parametrize("template", LETTERS)
def test_the_html_part_is_fit_for_screen_readers(template):
    """RELIABILITY D10: a title, a language, tables that say they are layout, pictures that say what they show, dark mode declared."""
    html = write_letter(FEW, template, "ar", told(template)).html
    for_outlook_aside = re.sub(r"<!--.*?-->", "", html, flags=re.DOTALL)

    assert re.search(r"<title>[^<]+</title>", html)
    assert '<html lang="ar" dir="rtl"' in html
    assert 'name="color-scheme" content="light dark"' in html
    assert [tag for tag in re.findall(r"<table[^>]*>", for_outlook_aside) if 'role="presentation"' not in tag] == []
    assert [tag for tag in re.findall(r"<img[^>]*>", html) if " alt=" not in tag] == []


@pytest.mark.parametrize(("country", "has_contact"), [("JP", True), ("CA", True), ("DE", False), (None, False)])
def test_the_imprint_says_what_the_readers_country_asks_for(country, has_contact):
    letter = write_letter(FEW, "email/case-study", "en", told("email/case-study", {"country": country}))

    assert ("Questions or complaints: nora@tidewerk.example" in letter.text) is has_contact
    assert ('href="mailto:nora@tidewerk.example"' in letter.html) is has_contact
    assert all("/imprint" in part for part in (letter.text, letter.html))


def test_a_letter_has_words_of_its_own_for_japan():
    letter = write_letter(FEW, "email/book-a-call", "ja", told("email/book-a-call"))

    assert letter.subject == "業務の進め方につきまして、ご相談の機会をいただけますと幸いです"
    assert all("お忙しいところ恐れ入りますが" in part for part in (letter.text, letter.html))


@pytest.mark.parametrize("answer", [True, False])
def test_who_decides_reads_a_line_more(answer):
    data = told("email/case-study")
    data["answers"] = dict.fromkeys(data["answers"], answer)

    assert ("the last page sums up" in write_letter(FEW, "email/case-study", "en", data).text) is answer


@pytest.mark.parametrize("template", LETTERS)
def test_no_tag_of_a_template_is_left_in_a_letter(template):
    letter = write_letter(FEW, template, "en", told(template))

    assert not re.search(r"\{\{|\{%|RIPE\d", letter.subject + letter.text + letter.html)


@pytest.mark.parametrize("template", LETTERS)
def test_a_letter_asks_only_for_documented_names(template):
    data = told(template)
    documented = {f"{name}.{field}" for name, fields in data.items() if isinstance(fields, dict) for field in fields} | set(data)

    asked = {name for part in letter_parts(FEW, template, "en") for name in part.fields}

    assert asked <= documented


@pytest.mark.parametrize("locale", LANGUAGES)
@pytest.mark.parametrize("template", LETTERS)
def test_unfolding_a_shipped_text_gives_what_jinja_itself_gives(template, locale):
    """The law of unfolding, against the engine it stands in for: the same words for every lead, isolates aside."""
    for lead in ({}, *HOSTILE_LEADS.values()):
        data = told(template, lead)
        for number in (0, 1):
            ours = letter_parts(FEW, template, locale)[number].filled(data)
            theirs = _plain_jinja(locale).get_template(parts_of(FEW, template, locale)[number])
            assert ours.translate(_ISOLATES) == theirs.render(data).translate(_ISOLATES)


@cache
def _plain_jinja(locale):
    """Return the environment that Jinja's manual would have, every condition answered with yes."""
    catalogue = read_catalogue(FEW, locale)
    plain = Environment(loader=DictLoader({p.removeprefix("templates/"): t for p, t in FEW.items()}), undefined=StrictUndefined, extensions=["jinja2.ext.i18n"])
    plain.install_gettext_callables(
        lambda text: catalogue.forms(None, text, None)[0],
        lambda text, plural, count: catalogue.forms(None, text, plural)[catalogue.plural_form(count)],
        newstyle=True,
        pgettext=lambda context, text: catalogue.forms(context, text, None)[0],
    )  # fmt: skip
    plain.filters |= dict(formats_for(locale).items())
    plain.filters["named"] = lambda value: next(iter(filter(None, (catalogue.named(field, value) for field in catalogue.enumerations))), None)
    plain.filters["default"] = lambda value, other="", boolean=False: other if value is None or (boolean and not value) else value
    plain.globals |= {"when": lambda text: True, "locale": locale, "lang": locale.replace("_", "-"), "dir": "rtl" if locale in ("ar", "he") else "ltr"}
    return plain
