"""The envelope's sender: an address for each message, which nobody else can make, read back whatever servers do to its case."""

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ripeline.address import read_address
from ripeline.return_path import read_return_path, return_path
from ripeline.settings import Settings

SENDER = "nora@tidewerk.example"


def settings_with(bounce_address: str, key: str = "0123456789abcdef0123456789abcdef") -> Settings:
    """Return settings that have only this."""
    return Settings(_env_file=None, secret_key=key, bounce_address=bounce_address)


OURS = settings_with("b@bounce.tidewerk.example")


@given(st.uuids())
def test_an_address_names_the_message_it_was_made_for(message_id: UUID) -> None:
    address = return_path(OURS, message_id, SENDER)

    assert read_return_path(OURS, address) == read_return_path(OURS, f" {address.upper()}\n") == message_id
    assert address.startswith("b+")
    assert len(address.partition("@")[0]) <= 64


@given(st.uuids(), st.integers(2, 43))
def test_an_address_with_one_letter_changed_is_none(message_id: UUID, place: int) -> None:
    address = return_path(OURS, message_id, SENDER)
    changed = address[:place] + ("a" if address[place] != "a" else "b") + address[place + 1 :]

    assert read_return_path(OURS, changed) is None


@given(st.text(max_size=100))
def test_no_other_text_is_one(text: str) -> None:
    assert read_return_path(OURS, text) is None
    assert read_return_path(OURS, f"b+{text}@bounce.tidewerk.example") is None


def test_another_key_another_mailbox_and_no_mailbox_read_nothing() -> None:
    address = return_path(OURS, uuid4(), SENDER)

    assert read_return_path(settings_with(OURS.bounce_address, "f" * 32), address) is None
    assert read_return_path(settings_with("b@bounce.other.example"), address) is None
    assert read_return_path(settings_with(""), address) is None


def test_without_a_mailbox_for_bounces_the_sender_stands_on_the_envelope() -> None:
    assert return_path(settings_with(""), uuid4(), SENDER) == SENDER


def test_the_longest_mailbox_leaves_room_for_the_token() -> None:
    address = return_path(settings_with(f"{'b' * 20}@bounce.tidewerk.com"), uuid4(), SENDER)

    assert read_address(address).written == address


@pytest.mark.parametrize("address", ["bounce.tidewerk.example", f"{'b' * 21}@tidewerk.example", "b+x@tidewerk.example", "b@bücher.example", "b@localhost"])
def test_a_mailbox_that_takes_no_token_is_refused(address: str) -> None:
    with pytest.raises(ValidationError, match="at most 20 plain letters"):
        settings_with(address)
