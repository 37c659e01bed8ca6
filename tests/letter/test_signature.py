"""DKIM by our own key, and how a sender stands by what DNS answers (RELIABILITY D13)."""

import base64
import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import dkim
import pytest
from dkim.crypto import parse_pem_private_key

from ripeline.letter.mime import Envelope, to_bytes
from ripeline.letter.signature import Signer, key_of_record, read_signer, signed
from ripeline.letter.standing import Sending, questions, read_answers, standing
from ripeline.letter.writing import Letter
from ripeline.values import Refusal

KEY = """-----BEGIN RSA PRIVATE KEY-----
MIICWgIBAAKBgQDczkPBAAHsU/1waLMwuFllJ8SVROAIHNp5SUgFZ9K02PUB46PM
H5S6uTmJfVS+c5STFfitHpiDtMKSj2E06oI93w7TGei8qadN/HleY/W1tsZz77Pi
577mwCzvOEvLw9f0tXSvx+wjVnoN2f5giK/Y78pdxpcxTXNkxL4Cn/2P2QIDAQAB
AoGABwqk6oC/jvPWv0D3hfQ7FZjBEimSI3AYH4oQu+tlstLAbYD+9kGDkrjZduMC
UtiIwnAO8CZrorefBOGBrhhUcul5dtb++VfpZVEXVe74lwpgGDWDjjix1KAxIcTt
PgXQxahihvm3m2EB1I5zFA951L+rwwJX7bicFc8HP3fWj2kCQQD+JHna9bzP/I5H
EqMazhFNtbLkpa+ZE5YQaL8S100z4T64qeKRd82R3fLRA4RxVwNo/Z19xFBg7+hf
yG52yaGTAkEA3mtpmlkc5NhorrT/mLU8qtMxiQCDoPmLuRrqE3KpyyaLtbn6A22W
HxpSXYqZJRQ2mRxI993lBcUWl8juq0gcYwJAYykSTqfhQvnU/dA8ycGrqLmDkok/
SagFvmNQYmaVXe++DElk+MNY91g1XO5VZ+++ieGi6KaHgjs5XN4Uk866dwJAGPRi
N9ARvtdM/3UNTFvhP6VMZHurSQ9WjuEnLCFsTX+4ox4HoATWmAzC+v3G6vMWoR0c
TrsVrA0N2N/Rb2Q60wI/euHZNDxAAnKKlDJyY2HbWQmPXvk/pbm1Yb+B1CALDwVw
W/25BynNHZpycCqEPZJzuRN35k7qTV6l5GyENH05
-----END RSA PRIVATE KEY-----
"""
"""Made for these tests, used nowhere."""

PUBLIC = (
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDczkPBAAHsU/1waLMwuFllJ8SVROAIHNp5SUgFZ9K02PUB46PMH5S6uTmJfVS+c5STFfitHp"
    "iDtMKSj2E06oI93w7TGei8qadN/HleY/W1tsZz77Pi577mwCzvOEvLw9f0tXSvx+wjVnoN2f5giK/Y78pdxpcxTXNkxL4Cn/2P2QIDAQAB"
)
ANOTHER = (
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDOpc1U5wGvhNULjonWbUSR2e4aY7W4+KVSZ/w453X54jXTKl2kKkXdZa5fnaWXB1LLvceVfk"
    "44is7uo/kFyoJmHDWKYExeTLWiP0cFiB+XpkzS77J4uRM6OU4mHgT7Zm1TzmeOa2v7cV1tnVZOdBKKavJQUDvOiUf3DPl3RQeIqwIDAQAB"
)

RECORD = f"v=DKIM1; k=rsa; p={PUBLIC}"
LETTER = Letter("Grüße", "Hello,\n\nhttps://www.example.com\n", "<html><body>Hello ä</body></html>", "de")
ENVELOPE = Envelope(
    from_name="Nora", from_address="nora@tidewerk.example", to_address="ada@example.com", mail_id="<m1@tidewerk.example>",
    at=datetime(2026, 3, 2, 10, tzinfo=UTC), unsubscribe_url="https://go.tidewerk.example/u/" + "t" * 300, list_id="nurture.tidewerk.example",
)  # fmt: skip


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    """Give who signs with the key above."""
    file = tmp_path / "dkim.pem"
    file.write_text(KEY)
    return read_signer(file, "tidewerk.example", "ripeline")


def _verifies(raw: bytes) -> bool:
    return bool(dkim.verify(raw, dnsfunc=lambda *_, **__: RECORD.encode()))


def test_a_signature_verifies_and_covers_what_providers_go_by(signer: Signer) -> None:
    raw = signed(to_bytes(LETTER, ENVELOPE), signer)

    assert _verifies(raw)
    covered = re.sub(r"\s", "", str(message_from_bytes(raw)["DKIM-Signature"]))
    for name in ("from", "date", "message-id", "list-unsubscribe", "list-unsubscribe-post", "list-id", "subject", "to"):
        assert re.search(rf"h=[^;]*\b{name}\b", covered), name


@pytest.mark.parametrize(("old", "new"), [
    pytest.param(b"Hello", b"Hallo", id="a word"),
    pytest.param(b"List-Unsubscribe-Post: List-Unsubscribe=One-Click", b"List-Unsubscribe-Post: x", id="the one click"),
    pytest.param(b"From: Nora", b"From: Evil <evil@x.example>\r\nFrom: Nora", id="a second From"),
])  # fmt: skip
def test_what_changes_on_the_way_breaks_the_signature(signer: Signer, old: bytes, new: bytes) -> None:
    raw = signed(to_bytes(LETTER, ENVELOPE), signer)
    head, _, mail = raw.partition(b"From: Nora")

    assert not _verifies(head + (b"From: Nora" + mail).replace(old, new, 1))


def test_a_mail_that_is_signed_is_the_mail_with_one_header_before_it(signer: Signer) -> None:
    raw = to_bytes(LETTER, replace(ENVELOPE, to_address="jürgen@bücher.example"))

    whole = signed(raw, signer)

    assert whole.endswith(raw)
    assert message_from_bytes(whole, policy=default).keys() == ["DKIM-Signature", *message_from_bytes(raw, policy=default).keys()]
    assert signed(raw, None) == raw


@pytest.mark.parametrize(("text", "selector", "said"), [
    pytest.param("no key", "ripeline", "holds no RSA key in PEM", id="no key"),
    pytest.param(None, "ripeline", "cannot be read", id="no file"),
    pytest.param(KEY, "a b", "is no name in DNS", id="a selector that is no name"),
])  # fmt: skip
def test_a_key_that_cannot_sign_stops_everything(tmp_path: Path, text: str | None, selector: str, said: str) -> None:
    file = tmp_path / "dkim.pem"
    if text is not None:
        file.write_text(text)

    with pytest.raises(Refusal, match=said):
        read_signer(file, "tidewerk.example", selector)


def test_the_public_key_of_a_record_is_read() -> None:
    assert key_of_record(RECORD) == parse_pem_private_key(KEY.encode())["modulus"]
    assert key_of_record("v=DKIM1; p=") is None
    assert key_of_record(f"v=DKIM1; p={base64.b64encode(b'nonsense').decode()}") is None


GOOD = f"""
; what dig wrote
tidewerk.example.            300 IN TXT "v=spf1 include:relay.example " "-all"
tidewerk.example.            300 IN MX  10 mail.tidewerk.example.
_dmarc.tidewerk.example.     300 IN TXT "v=DMARC1; p=quarantine; rua=mailto:dmarc@tidewerk.example"
ripeline._domainkey.tidewerk.example. TXT "v=DKIM1; k=rsa; " "p={PUBLIC}"
"""
SENDING = Sending("tidewerk.example", "tidewerk.example", None, "https://go.tidewerk.example")


def _seen(answers: str, sending: Sending) -> dict[str, tuple[bool | None, str]]:
    return {each.subject: (each.is_well, each.said) for each in standing(sending, read_answers(answers, "answers.txt"))}


def test_a_good_sender_is_well_but_for_a_short_key_and_what_cannot_be_seen(signer: Signer) -> None:
    seen = _seen(GOOD, replace(SENDING, signer=signer))

    assert {subject for subject, (is_well, _) in seen.items() if is_well} == {"SPF", "DMARC", "alignment", "answers", "way out"}
    assert seen["DKIM"] == (False, "ripeline._domainkey.tidewerk.example fits our key, 1024 bits: providers ask for 2048")
    assert {subject for subject, (is_well, _) in seen.items() if is_well is None} == {"relay", "complaints"}


@pytest.mark.parametrize(("old", "new", "subject", "said"), [
    pytest.param('"-all"', '"+all"', "SPF", "lets everybody send (+all)", id="everybody may send"),
    pytest.param('"-all"', '""', "SPF", "does not say what holds for all others", id="no end"),
    pytest.param("include:relay.example", "a " * 11, "SPF", "asks for 11 look-ups, over 10", id="too many look-ups"),
    pytest.param("v=spf1", "spf2", "SPF", "has no record v=spf1", id="no SPF"),
    pytest.param('_dmarc', '_dmrc', "DMARC", "is missing", id="no DMARC"),
    pytest.param("p=quarantine", "p=maybe", "DMARC", "has no policy", id="a policy nobody knows"),
    pytest.param("IN MX", "IN A", "answers", "has no MX", id="no MX"),
    pytest.param(PUBLIC, ANOTHER, "DKIM", "holds another key than RIPELINE_DKIM_KEY", id="another key"),
    pytest.param(f"p={PUBLIC}", "p=", "DKIM", "holds no usable key", id="a key withdrawn"),
    pytest.param("ripeline._domainkey", "other._domainkey", "DKIM", "has 0 TXT records", id="no key"),
])  # fmt: skip
def test_what_is_wrong_in_dns_is_said(signer: Signer, old: str, new: str, subject: str, said: str) -> None:
    is_well, told = _seen(GOOD.replace(old, new), replace(SENDING, signer=signer))[subject]

    assert is_well is False
    assert said in told


def test_a_relay_that_signs_cannot_be_seen() -> None:
    assert _seen(GOOD, SENDING)["DKIM"][0] is None


@pytest.mark.parametrize(("envelope", "mode", "is_aligned"), [
    ("tidewerk.example", "s", True), ("bounce.tidewerk.example", "r", True), ("bounce.tidewerk.example", "s", False), ("relay.example", "r", False),
])  # fmt: skip
def test_alignment_follows_the_record(envelope: str, mode: str, is_aligned: bool) -> None:
    answers = GOOD.replace("p=quarantine", f"p=none; aspf={mode}")

    assert _seen(answers, replace(SENDING, envelope_domain=envelope))["alignment"][0] is is_aligned


def test_bounces_that_go_elsewhere_need_a_server_there_too() -> None:
    seen = _seen(GOOD, replace(SENDING, envelope_domain="bounce.tidewerk.example"))

    assert seen["answers"] == (True, "tidewerk.example takes mail")
    assert seen["bounces"] == (False, "bounce.tidewerk.example has no MX: bounces go nowhere")
    assert "MX bounce.tidewerk.example" in questions(replace(SENDING, envelope_domain="bounce.tidewerk.example"))


def test_nobody_sends_in_the_name_of_a_mailbox_provider() -> None:
    assert "gmail.com is not yours" in _seen(GOOD, replace(SENDING, from_domain="gmail.com"))["From"][1]


@pytest.mark.parametrize(("domain", "is_well"), [("events.tidewerk.example", True), ("partner.example", False)])
def test_a_touch_that_writes_from_elsewhere_must_be_aligned_too(domain: str, is_well: bool) -> None:
    assert _seen(GOOD, replace(SENDING, touch_domains=("tidewerk.example", domain)))["touches"][0] is is_well


def test_of_a_signature_that_is_not_ours_nothing_is_said() -> None:
    assert _seen(GOOD, SENDING)["alignment"][1] == "the envelope is aligned with From (tidewerk.example); the relay's signature is not seen here"


def test_the_way_out_must_be_https() -> None:
    assert _seen(GOOD, replace(SENDING, base_url="http://127.0.0.1:8300"))["way out"][0] is False


def test_a_subdomain_is_judged_by_the_record_of_the_domain_above() -> None:
    assert _seen(GOOD, replace(SENDING, from_domain="mail.tidewerk.example"))["DMARC"][0] is True


def test_the_doctor_says_what_to_ask(signer: Signer) -> None:
    assert questions(replace(SENDING, signer=signer)) == [
        "TXT tidewerk.example", "TXT _dmarc.tidewerk.example", "TXT ripeline._domainkey.tidewerk.example", "MX tidewerk.example",
    ]  # fmt: skip


def test_a_line_that_is_no_answer_is_named() -> None:
    with pytest.raises(Refusal, match=r"answers.txt:2 is no DNS answer"):
        read_answers("; fine\nwhat is this", "answers.txt")


def test_a_bulk_letter_has_what_gmail_yahoo_and_microsoft_ask(signer: Signer) -> None:
    raw = signed(to_bytes(LETTER, ENVELOPE), signer)
    read = message_from_bytes(raw, policy=default)

    assert len(read.get_all("From")) == len(read.get_all("Date")) == len(read.get_all("Message-ID")) == 1
    assert read["From"].addresses[0].domain == "tidewerk.example"  # the domain that signs
    assert re.fullmatch(r"<https://\S+>", read["List-Unsubscribe"])
    assert read["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert [part.get_content_type() for part in read.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert {name for name in read if read.keys().count(name) > 1} == set()
