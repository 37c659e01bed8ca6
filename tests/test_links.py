"""Links in mails: signed for one purpose, for ever."""

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import URLSafeSerializer

from ripeline.links import read_unsubscribe, unsubscribe_token, unsubscribe_url
from ripeline.settings import Settings

SETTINGS = Settings(_env_file=None, secret_key="0123456789abcdef0123456789abcdef", base_url="https://go.tidewerk.example/")  # type: ignore[call-arg, arg-type]


@given(st.one_of(st.uuids(), st.integers(min_value=1, max_value=2**63 - 1)))
def test_a_token_names_what_it_was_made_for(about: UUID | int) -> None:
    assert read_unsubscribe(SETTINGS, unsubscribe_token(SETTINGS, about)) == about


@given(st.text(max_size=300))
def test_no_other_text_is_a_token(text: str) -> None:
    assert read_unsubscribe(SETTINGS, text) is None


@given(st.uuids(), st.data())
def test_a_token_with_one_letter_changed_is_none(about: UUID, data: st.DataObject) -> None:
    token = unsubscribe_token(SETTINGS, about)
    place = data.draw(st.integers(0, len(token) - 2))  # the last letter carries bits that nobody reads
    changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]

    assert read_unsubscribe(SETTINGS, changed) is None


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(unsubscribe_token(SETTINGS, uuid4())[:-4], id="truncated"),
        pytest.param("x" * 10_000, id="10 kB"),
        pytest.param("", id="empty"),
        pytest.param(URLSafeSerializer(SETTINGS.key, salt="confirm").dumps(1), id="of another purpose"),
        pytest.param("MQ.AAAA", id="signed by nobody"),
    ],
)
def test_a_token_that_is_not_ours_is_none(token: str) -> None:
    assert read_unsubscribe(SETTINGS, token) is None


def test_the_address_is_short_plain_and_below_the_base() -> None:
    url = unsubscribe_url(SETTINGS, uuid4())

    assert url.startswith("https://go.tidewerk.example/u/")
    assert url.isascii()
    assert len(url) < 200
