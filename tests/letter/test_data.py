"""What a template may say: plain and clean."""

from datetime import UTC, datetime
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from ripeline.letter.data import LEAD_FIELDS, LETTER_FIELDS, Links, Sender, letter_data
from ripeline.letter.sample import sample_data

SENDER = Sender("Nora", "nora@tidewerk.example", "Tidewerk BV", "Amsterdam")
LINKS = Links("https://www.example.com", None)


class _Rank(StrEnum):
    VP = "vp"


@pytest.mark.parametrize(("came", "shown"), [
    pytest.param("  Ada\tMarie ", "Ada Marie", id="blanks are one blank"),
    pytest.param("a\r\nBcc: b@example.com", "a Bcc: b@example.com", id="a line break is a blank"),
    pytest.param("\u202eevil\u2066", "evil", id="direction marks go"),
    pytest.param("\x00Ada\x07", "Ada", id="control characters go"),
    pytest.param("\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f468\u200d\U0001f469\u200d\U0001f467", id="a family stays together"),
    pytest.param("   ", None, id="blanks alone are nothing"),
    pytest.param(Markup("<b>"), "<b>", id="markup is text"),
    pytest.param(_Rank.VP, "vp", id="an enum is its value"),
])  # fmt: skip
def test_a_lead_value_is_one_clean_line(came, shown):
    value = letter_data({"first_name": came}, SENDER, LINKS)["lead"]["first_name"]

    assert value == shown
    assert type(value) in (str, type(None))


@given(st.text())
def test_no_text_brings_a_line_break_or_a_direction_into_a_letter(text):
    value = letter_data({"first_name": text}, SENDER, LINKS)["lead"]["first_name"] or ""

    assert value.splitlines() in ([], [value])
    assert not set(value) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\x00")


def test_every_name_is_there_and_none_where_nothing_is_known():
    data = letter_data({}, SENDER, LINKS, fields=("budget",))

    assert data["lead"] == dict.fromkeys((*LEAD_FIELDS, "budget"))
    assert (data["rep"], data["meeting"], data["score"], data["handoff"]) == (None, None, None, None)


def test_what_is_neither_column_nor_declared_stays_out():
    assert "secret" not in letter_data({"secret": "x"}, SENDER, LINKS)["lead"]


def test_what_is_not_plain_is_refused():
    with pytest.raises(TypeError, match="plain data"):
        letter_data({"first_name": object()}, SENDER, LINKS)


def test_instants_stay_instants():
    at = datetime(2026, 3, 2, tzinfo=UTC)

    assert letter_data({"renewal": at}, SENDER, LINKS, fields=("renewal",))["lead"]["renewal"] == at


def test_the_sample_knows_every_name():
    assert all(sample_data()[name] for name in ("lead", "sender", "link", "rep", "meeting", "score", "handoff"))


def test_every_name_a_letter_may_say_is_listed_with_meaning_and_example():
    data = sample_data()
    said = {f"{part}.{name}" for part, values in data.items() if isinstance(values, dict) and part not in ("lead", "answers") for name in values}

    assert set(LETTER_FIELDS) == said | {"preheader", "locale", "lang", "dir"}
    assert all(meaning and example for meaning, example in LETTER_FIELDS.values())
