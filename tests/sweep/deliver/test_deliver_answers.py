"""What an answer of a mail server means, and how patient we are."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ripeline.connect.channels import Rejected
from ripeline.settings import Settings
from ripeline.sweep.deliver.answers import enhanced_code, is_dead_address, our_fault
from ripeline.sweep.deliver.pace import Pace
from ripeline.sweep.deliver.sender import sender_of
from ripeline.values import Refusal


@pytest.mark.parametrize(
    ("answer", "is_dead"),
    [
        pytest.param(Rejected(550, "5.1.1 no such user", "rcpt"), True, id="nobody there"),
        pytest.param(Rejected(550, "5.1.10 null MX", "rcpt"), True, id="a domain that takes no mail"),
        pytest.param(Rejected(550, "no such user", "rcpt"), False, id="no enhanced code"),
        pytest.param(Rejected(550, "5.1.8 bad sender", "rcpt"), False, id="the sender's address"),
        pytest.param(Rejected(552, "5.2.2 mailbox full", "rcpt"), False, id="a full mailbox"),
        pytest.param(Rejected(553, "5.1.3 syntax", "rcpt"), False, id="another code"),
        pytest.param(Rejected(550, "5.1.1 unknown", "dot"), False, id="after the text, when it may be about the text"),
    ],
)
def test_only_a_550_5_1_x_at_rcpt_buries_an_address(answer: Rejected, is_dead: bool) -> None:
    assert is_dead_address(answer) is is_dead


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        pytest.param(Rejected(550, "5.7.515 access denied", "dot"), "DMARC", id="authentication"),
        pytest.param(Rejected(550, "5.1.8 bad sender", "rcpt"), "RIPELINE_SENDER_ADDRESS", id="sender"),
        pytest.param(Rejected(530, "5.7.0 must log in", "mail"), "login", id="anything at MAIL"),
        pytest.param(Rejected(550, "5.7.1 looks like spam", "dot"), None, id="this mail's own fault"),
    ],
)
def test_what_is_ours_to_mend_is_told_with_its_remedy(answer: Rejected, word: str | None) -> None:
    said = our_fault(answer)

    assert said is None if word is None else word in (said or "")


def test_an_enhanced_code_is_found_where_it_stands() -> None:
    assert enhanced_code("5.1.1 <the recipient> 5.1.1 gone") == "5.1.1"
    assert enhanced_code("user 10.0.0.1 unknown") is None


@given(st.integers(1, 10_000))
def test_waits_never_shrink_and_never_pass_their_bound(attempt: int) -> None:
    pace = Pace()

    assert timedelta(minutes=5) <= pace.retry_after(attempt) <= pace.retry_after(attempt + 1) <= timedelta(minutes=240)


def test_a_lease_outlasts_the_longest_wait_for_an_answer() -> None:
    assert Pace().lease > timedelta(seconds=600)


def test_a_sink_shows_stand_ins_where_the_sender_is_not_set() -> None:
    nobody = Settings(_env_file=None)  # type: ignore[call-arg]

    assert sender_of(nobody, is_sink=True).address.endswith(".invalid")
    with pytest.raises(Refusal, match="RIPELINE_SENDER_ADDRESS, RIPELINE_SENDER_NAME"):
        sender_of(nobody, is_sink=False)
