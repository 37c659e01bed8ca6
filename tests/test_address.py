"""Addresses as keys, and country words as codes."""

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given
from hypothesis import strategies as st

from ripeline.address import Address, address_key, read_address
from ripeline.values import Refusal


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            " Ada.Lovelace@Example.COM ", Address("Ada.Lovelace@example.com", "ada.lovelace@example.com"), id="case of the local part is written, not compared"
        ),
        pytest.param("ada+news@gmail.com", Address("ada+news@gmail.com", "ada+news@gmail.com"), id="tags and dots stay"),
        pytest.param("ada@bücher.example", Address("ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example"), id="a domain in letters becomes A-labels"),
        pytest.param("ada@xn--bcher-kva.example", Address("ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example"), id="and is the same as its A-labels"),
        pytest.param("JÖRG@example.com", Address("JÖRG@example.com", "jörg@example.com"), id="a local part beyond ASCII is taken"),
        pytest.param("jo\u0308rg@example.com", Address("jörg@example.com", "jörg@example.com"), id="in one normal form"),
    ],
)
def test_an_address_has_a_written_form_and_a_key(text: str, expected: Address) -> None:
    assert read_address(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ada",
        "ada@",
        "@example.com",
        "ada@localhost",
        "ada@example",
        "a..b@example.com",
        "'a b'@example.com",
        "ada@[10.0.0.1]",
        "ada@host.local",
        "a\nb@example.com",
    ],
)
def test_what_is_no_address_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(Refusal, match="is no mail address"):
        address_key(text)


_PARTS = st.text(st.sampled_from("aZ09.-_+&'"), min_size=1, max_size=12)


@given(local=_PARTS, domain=st.lists(_PARTS, min_size=1, max_size=3), end=st.sampled_from(["com", "COM", "x", "test", "example", "c0m", "arpa"]))
def test_the_quick_way_agrees_with_the_library(local: str, domain: list[str], end: str) -> None:
    text = f"{local}@{'.'.join(domain)}.{end}"
    try:
        found = validate_email(text, check_deliverability=False)
        expected = f"{found.local_part}@{found.ascii_domain}"
    except EmailNotValidError:
        with pytest.raises(Refusal):
            read_address(text)
        return

    assert read_address(text).written == expected
