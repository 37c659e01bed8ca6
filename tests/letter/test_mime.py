"""A letter as bytes: what was planned, nothing else, the same every time (RELIABILITY I4, I19, I20, D5, D6, D12)."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import compat32, default
from email.utils import parseaddr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ripeline.letter.headers import one_line
from ripeline.letter.mime import Envelope, to_bytes
from ripeline.letter.reread import Planned, check_bytes
from ripeline.letter.writing import Letter
from ripeline.values import Refusal

LETTER = Letter("Hello", "Hello,\n\nread on: https://www.example.com/a?b=1&c=2\n", "<html><body><p>Hello ä</p></body></html>", "pt_BR")
ENVELOPE = Envelope(
    from_name="Nora at Tidewerk",
    from_address="nora@tidewerk.example",
    to_name="Ada Neumann",
    to_address="ada@example.com",
    mail_id="<m1@tidewerk.example>",
    at=datetime(2026, 3, 2, 10, tzinfo=UTC),
    unsubscribe_url="https://go.tidewerk.example/u/" + "t" * 400,
    list_id="nurture.tidewerk.example",
)
INVITE = b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n"

NAMES = [
    pytest.param('"Quoted" O\'Neil, Jr.', id="quotes, an apostrophe, a comma"),
    pytest.param("Jürgen <evil@x.example>", id="an address inside a name"),
    pytest.param("evil@x.example, Ada", id="an address before a name"),
    pytest.param("back\\slash \\", id="backslashes"),
    pytest.param("Ada (the first)", id="a comment"),
    pytest.param("undisclosed-recipients:;", id="a group"),
    pytest.param("\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466", id="an emoji family"),
    pytest.param("محمد الأحمد", id="Arabic"),
    pytest.param("田中 健二", id="Japanese"),
    pytest.param("=?utf-8?q?Not_me?=", id="an encoded word"),
    pytest.param("=?utf-8?b?PGV2aWxAeC5leGFtcGxlPg==?=", id="an encoded word that hides an address"),
    pytest.param("x" * 2000, id="2,000 letters"),
    pytest.param("word " * 400, id="400 words"),
    pytest.param("ä" * 2000, id="2,000 letters that are not ASCII"),
    pytest.param(".", id="a dot"),
    pytest.param("", id="nothing"),
]


def _read(raw: bytes):
    return message_from_bytes(raw, policy=default)


def _mail(**changes):
    return _read(to_bytes(LETTER, replace(ENVELOPE, **changes)))


@pytest.mark.parametrize("name", NAMES)
def test_a_display_name_comes_back_as_it_was_and_names_one_recipient(name):
    raw = to_bytes(LETTER, replace(ENVELOPE, to_name=name))

    display, address = parseaddr(message_from_bytes(raw, policy=compat32)["To"])
    # Python 3.11's newer reader puts blanks between the encoded words of a name, against RFC 2047 6.2: the older one decodes.
    assert (str(make_header(decode_header(display))), address) == (" ".join(name.split()), "ada@example.com")
    assert len(_read(raw)["To"].addresses) == 1


@pytest.mark.parametrize("name", NAMES[:-1])
def test_a_subject_comes_back_as_it_was(name):
    assert _read(to_bytes(replace(LETTER, subject=name), ENVELOPE))["Subject"] == " ".join(name.split())


@pytest.mark.parametrize("name", [
    pytest.param("Ada\r\nBcc: evil@x.example", id="CR LF"),
    pytest.param("Ada\nBcc: evil@x.example", id="LF"),
    pytest.param("Ada\rBcc: evil@x.example", id="CR"),
    pytest.param("Ada\u2028Bcc: evil@x.example", id="a line separator"),
    pytest.param("Ada\x85Bcc: evil@x.example", id="NEL"),
    pytest.param("Ada\x00Bcc: evil@x.example", id="NUL"),
    pytest.param("Ada\r\n\r\nbody", id="the end of the headers"),
])  # fmt: skip
def test_a_name_cannot_add_a_header(name):
    read = _mail(to_name=name, from_name=name)

    assert read["Bcc"] is None
    assert read["To"].addresses[0].addr_spec == "ada@example.com"
    assert read.get_body(("plain",)).get_content().startswith("Hello,")


@given(st.text(), st.text(), st.text(min_size=1).filter(lambda text: one_line(text) != ""))
def test_no_text_adds_a_header_breaks_a_line_or_is_lost(from_name, to_name, subject):
    raw = to_bytes(replace(LETTER, subject=subject), replace(ENVELOPE, from_name=from_name, to_name=to_name))

    read = _read(raw)
    assert read.keys() == _mail().keys()
    assert raw.isascii()
    assert raw.count(b"\r\n") == raw.count(b"\n") == raw.count(b"\r")
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert read["To"].addresses[0].addr_spec == "ada@example.com"


def test_the_headers_are_these_and_no_others():
    read = _mail(reply_to="desk@tidewerk.example", is_automatic=True)

    assert dict(read.items()) == {
        "From": "Nora at Tidewerk <nora@tidewerk.example>",
        "To": "Ada Neumann <ada@example.com>",
        "Subject": "Hello",
        "Date": "Mon, 02 Mar 2026 10:00:00 +0000",
        "Message-ID": "<m1@tidewerk.example>",
        "Reply-To": "desk@tidewerk.example",
        "List-Id": "<nurture.tidewerk.example>",
        "List-Unsubscribe": f"<{ENVELOPE.unsubscribe_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
        "Content-Language": "pt-BR",
        "MIME-Version": "1.0",
        "Content-Type": read["Content-Type"],
    }


def test_an_unsubscribe_link_is_one_line_and_no_encoded_word():
    raw = to_bytes(LETTER, ENVELOPE)

    assert f"\r\nList-Unsubscribe: <{ENVELOPE.unsubscribe_url}>\r\n".encode() in raw


def test_text_stands_first_and_html_second():
    read = _mail()

    assert [part.get_content_type() for part in read.walk()] == ["multipart/alternative", "text/plain", "text/html"]


@pytest.mark.parametrize("words", [
    pytest.param("Hello,\n\n--\nlong " + "word " * 400 + "\n.\n..\nFrom me\n= =3D\n", id="mostly ASCII"),
    pytest.param("こんにちは、\n\n" + "長い" * 900 + "\n", id="mostly not"),
    pytest.param("no end of line", id="without a last line end"),
])  # fmt: skip
def test_both_parts_come_back_as_they_were(words):
    read = _read(to_bytes(replace(LETTER, text=words, html=words), ENVELOPE))

    for kind in ("plain", "html"):
        assert read.get_body((kind,)).get_content().replace("\r\n", "\n") == words


def test_an_invite_is_the_last_alternative_and_a_file():
    read = _mail(calendar=INVITE)

    assert [part.get_content_type() for part in read.walk()] == [
        "multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/calendar", "application/ics",
    ]  # fmt: skip
    calendar, attached = list(read.walk())[-2:]
    assert calendar["Content-Type"] == 'text/calendar; method="REQUEST"; charset="utf-8"'
    assert (attached.get_filename(), attached.get_content(), calendar.get_payload(decode=True)) == ("invite.ics", INVITE, INVITE)


def test_an_invite_whose_method_differs_is_refused():
    with pytest.raises(Refusal, match="METHOD is not 'CANCEL'"):
        to_bytes(LETTER, replace(ENVELOPE, calendar=INVITE, calendar_method="CANCEL"))


def test_the_same_letter_is_the_same_bytes():
    assert to_bytes(LETTER, ENVELOPE) == to_bytes(LETTER, ENVELOPE)


def test_two_mails_have_two_boundaries():
    assert _mail().get_boundary() != _mail(mail_id="<m2@tidewerk.example>").get_boundary()


@pytest.mark.parametrize(("address", "written"), [
    pytest.param("ada@bücher.example", "ada@xn--bcher-kva.example", id="an international domain"),
    pytest.param("ada@straße.example", "ada@xn--strae-oqa.example", id="a sharp s is not two"),
    pytest.param("ada@EXAMPLE.com", "ada@example.com", id="a domain in capitals"),
    pytest.param("o'neil+tag@example.com", "o'neil+tag@example.com", id="a tag and an apostrophe"),
])  # fmt: skip
def test_a_domain_is_written_as_a_labels(address, written):
    assert _mail(to_address=address)["To"].addresses[0].addr_spec == written


def test_a_local_part_outside_ascii_stays_for_servers_with_smtputf8():
    raw = to_bytes(LETTER, replace(ENVELOPE, to_address="jürgen@bücher.example"))

    assert "\r\nTo: Ada Neumann <jürgen@xn--bcher-kva.example>\r\n".encode() in raw


@pytest.mark.parametrize("address", [
    pytest.param("ada", id="no domain"),
    pytest.param("@example.com", id="no local part"),
    pytest.param("ada neumann@example.com", id="a blank"),
    pytest.param("ada@example.com>\r\nBcc: <x@x.example", id="a line break"),
    pytest.param('"a b"@example.com', id="quotes"),
    pytest.param("=?utf-8?q?x?=@example.com", id="an encoded word"),
    pytest.param("ada@exa mple.com", id="a blank in the domain"),
    pytest.param("ada@-.example", id="a domain that is none"),
    pytest.param("a@b@example.com", id="two at signs"),
    pytest.param("ada.@example.com", id="a dot at the end"),
])  # fmt: skip
def test_an_address_no_header_can_carry_is_refused_without_naming_it(address):
    with pytest.raises(Refusal) as refused:
        to_bytes(LETTER, replace(ENVELOPE, to_address=address))

    assert "ada" not in str(refused.value)


@pytest.mark.parametrize("changes", [
    pytest.param({"mail_id": "m1@tidewerk.example"}, id="a Message-ID without brackets"),
    pytest.param({"mail_id": "<m1@x.example>\r\nBcc: x@x.example"}, id="a Message-ID with a line break"),
    pytest.param({"unsubscribe_url": "javascript:alert(1)"}, id="a link with another scheme"),
    pytest.param({"unsubscribe_url": "https://x.example/>,<https://y.example/"}, id="two links"),
    pytest.param({"unsubscribe_url": "https://x.example/ü"}, id="a link that is not ASCII"),
    pytest.param({"unsubscribe_url": "https://x.example/" + "t" * 1000}, id="a link that fills a line"),
    pytest.param({"list_id": "a b"}, id="a list id with a blank"),
])  # fmt: skip
def test_a_machine_header_that_is_not_one_clean_line_is_refused(changes):
    with pytest.raises(Refusal):
        to_bytes(LETTER, replace(ENVELOPE, **changes))


@pytest.mark.parametrize("raw", [
    pytest.param(b"Subject: a\r\nBcc: b\r\n\r\nx", id="a header more"),
    pytest.param(b"Subject: b\r\n\r\nx", id="another value"),
    pytest.param(b"Subject: a\r\n\r\nx\ny", id="a bare LF"),
    pytest.param(b"Subject: a\r\n\r\nx\ry", id="a bare CR"),
    pytest.param(b"Subject: a\r\n\r\n" + b"x" * 999, id="a long line"),
    pytest.param(b"Subject: =?utf-8?q?b?=\r\n\r\nx", id="a value that decodes to another"),
    pytest.param(b"Subject\r\n\r\nx", id="a header without a colon"),
])  # fmt: skip
def test_the_last_look_catches_what_was_not_planned(raw):
    with pytest.raises(Refusal):
        check_bytes(raw, [Planned("Subject", "a", "Subject: a")])


def test_a_date_needs_a_zone():
    with pytest.raises(TypeError, match="instant with a zone"):
        to_bytes(LETTER, replace(ENVELOPE, at=ENVELOPE.at.replace(tzinfo=None)))
