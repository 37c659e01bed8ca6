"""What leaves as text/calendar: checked by icalendar and by a strict reader of RFC 5545 lines that shares no code with it."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ripeline.invite import Invitation, Method, Party, invite_bytes
from ripeline.values import Refusal

INVITATION = Invitation(
    uid="0b6f7a9e@example.com",
    sequence=0,
    stamped_at=datetime(2026, 3, 2, 10, tzinfo=UTC),
    starts_at=datetime(2026, 3, 4, 9, 30, tzinfo=UTC),
    ends_at=datetime(2026, 3, 4, 10, tzinfo=UTC),
    organizer=Party("Ingrid Solberg", "hello@example.com"),
    attendees=(Party("Ada Lovelace", "ada@example.org"), Party("Ingrid Solberg", "ingrid@example.com")),
    summary="Gespräch mit Ingrid",
    description="Guten Tag,\nwir sprechen 30 Minuten.",
)


def lines_of(written: bytes) -> list[str]:
    """Return the unfolded content lines, having checked all that RFC 5545 3.1 asks of their bytes."""
    assert written.endswith(b"END:VCALENDAR\r\n")
    physical = written.split(b"\r\n")[:-1]
    assert all(0 < len(line) <= 75 for line in physical), "a line is empty or longer than 75 octets"
    assert not re.search(rb"[\x00-\x08\x0a-\x1f\x7f]", b"".join(physical)), "a bare CR, LF or control character"
    for line in physical:
        line.decode("utf-8")  # raises where a fold cut a character in two
    return re.sub(rb"\r\n[ \t]", b"", written).decode("utf-8").split("\r\n")[:-1]


def value_of(written: bytes, name: str) -> str:
    """Return the one value of a text property, unescaped by RFC 5545 3.3.11."""
    found = [line.partition(":")[2] for line in lines_of(written) if re.match(rf"{name}[:;]", line)]
    assert len(found) == 1
    return re.sub(r"\\([\\;,Nn])", lambda escape: "\n" if escape[1] in "Nn" else escape[1], found[0])


def event_of(written: bytes) -> icalendar.Event:
    """Return the one event, as the library reads it."""
    (event,) = icalendar.Calendar.from_ical(written).walk("VEVENT")
    assert isinstance(event, icalendar.Event)
    return event


def test_a_request_has_all_that_rfc_5546_asks_for() -> None:
    lines = lines_of(invite_bytes(INVITATION))

    assert lines[0] == "BEGIN:VCALENDAR"
    assert {"VERSION:2.0", "METHOD:REQUEST", "UID:0b6f7a9e@example.com", "SEQUENCE:0", "STATUS:CONFIRMED"} <= set(lines)
    assert {"DTSTAMP:20260302T100000Z", "DTSTART:20260304T093000Z", "DTEND:20260304T100000Z"} <= set(lines)
    assert 'ORGANIZER;CN="Ingrid Solberg":mailto:hello@example.com' in lines
    assert 'ATTENDEE;CN="Ada Lovelace";CUTYPE=INDIVIDUAL;PARTSTAT=NEEDS-ACTION;ROLE=REQ-PARTICIPANT;RSVP=TRUE:mailto:ada@example.org' in lines


def test_no_zone_definition_and_no_alarm_travel_along() -> None:
    written = invite_bytes(INVITATION)

    assert b"VTIMEZONE" not in written
    assert b"TZID" not in written
    assert b"VALARM" not in written


def test_local_instants_are_written_in_utc() -> None:
    kathmandu = timezone(timedelta(hours=5, minutes=45))

    written = invite_bytes(replace(INVITATION, starts_at=datetime(2026, 3, 4, 10, tzinfo=kathmandu)))

    assert "DTSTART:20260304T041500Z" in lines_of(written)


def test_a_naive_instant_is_a_mistake_of_ours() -> None:
    with pytest.raises(TypeError, match="has none"):
        invite_bytes(replace(INVITATION, starts_at=datetime(2026, 3, 4, 10)))  # noqa: DTZ001 -- the mistake under test


def test_a_cancellation_repeats_uid_and_attendees_and_asks_for_no_answer() -> None:
    lines = lines_of(invite_bytes(replace(INVITATION, sequence=1), Method.CANCEL))

    assert {"METHOD:CANCEL", "STATUS:CANCELLED", "SEQUENCE:1", "UID:0b6f7a9e@example.com"} <= set(lines)
    assert sum(line.startswith("ATTENDEE") for line in lines) == 2
    assert not any("RSVP" in line for line in lines)


def test_both_parsers_read_the_same_event() -> None:
    written = invite_bytes(INVITATION)

    event = event_of(written)

    assert str(event["SUMMARY"]) == value_of(written, "SUMMARY") == INVITATION.summary
    assert event.decoded("DTSTART") == INVITATION.starts_at
    assert [str(each) for each in event.attendees] == ["mailto:ada@example.org", "mailto:ingrid@example.com"]


one_line = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1).map(str.strip).filter(lambda text: text and "=?" not in text)


@given(summary=one_line, description=st.lists(one_line, min_size=1).map("\n".join), location=one_line)
def test_every_text_comes_back_as_it_was_written(summary: str, description: str, location: str) -> None:
    written = invite_bytes(replace(INVITATION, summary=summary, description=description, location=location))

    event = event_of(written)

    assert (value_of(written, "SUMMARY"), value_of(written, "DESCRIPTION"), value_of(written, "LOCATION")) == (summary, description, location)
    assert (str(event["SUMMARY"]), str(event["DESCRIPTION"]), str(event["LOCATION"])) == (summary, description, location)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a, b; c: d \\ e", id="comma, semicolon, colon, backslash"),
        pytest.param("\\n is not a line break, \\, is no comma", id="escapes that are meant literally"),
        pytest.param("first\nsecond\n\nfourth", id="lines"),
        pytest.param("https://example.com/meet?a=1,2;b=3", id="a URL with commas"),
        pytest.param("日本語の説明" * 60, id="long and multi-byte"),
        pytest.param("👩‍👩‍👧‍👦" * 20, id="emoji family"),
        pytest.param("مرحبًا \u202bعلا\u202c 12:30", id="right to left with marks"),
    ],
)
def test_awkward_descriptions_round_trip(text: str) -> None:
    written = invite_bytes(replace(INVITATION, description=text))

    assert value_of(written, "DESCRIPTION") == text
    assert str(event_of(written)["DESCRIPTION"]) == text


@pytest.mark.parametrize("name", ["Jürgen", '"Quoted" O\'Neil, Jr.', "a;b:c", "山田 太郎", "caret ^ ^n ^'"])
def test_a_partys_name_comes_back_as_it_was_written(name: str) -> None:
    written = invite_bytes(replace(INVITATION, attendees=(Party(name, "ada@example.org"),)))

    lines_of(written)
    assert event_of(written).attendees[0].params["CN"] == name


@pytest.mark.parametrize(
    ("address", "uri"),
    [
        pytest.param("ada+spring@example.org", "mailto:ada+spring@example.org", id="plus stays readable"),
        pytest.param("a&b=c?d@example.org", "mailto:a%26b%3Dc%3Fd@example.org", id="what a URI would misread is encoded"),
        pytest.param("用户@例え.jp", "mailto:%E7%94%A8%E6%88%B7@xn--r8jz45g.jp", id="local part in UTF-8, domain as A-labels"),
    ],
)
def test_addresses_become_mailto_uris(address: str, uri: str) -> None:
    written = invite_bytes(replace(INVITATION, attendees=(Party("", address),)))

    assert any(line.startswith("ATTENDEE") and line.endswith(f":{uri}") for line in lines_of(written))


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"summary": "Hello\r\nATTENDEE:mailto:eve@example.net"}, id="a line break in the summary"),
        pytest.param({"summary": "=?utf-8?q?Hello?="}, id="an encoded word in the summary"),
        pytest.param({"location": "here\u2028there"}, id="a Unicode line separator"),
        pytest.param({"organizer": Party("Ingrid\nSolberg", "hello@example.com")}, id="a line break in a name"),
        pytest.param({"uid": "x\r\ny"}, id="a line break in the UID"),
        pytest.param({"description": "bell \x07"}, id="a control character in the description"),
        pytest.param({"attendees": (Party("Ada", "ada"),)}, id="an address without a domain"),
        pytest.param({"attendees": (Party("Ada", "<ada@example.org>"),)}, id="an address in angle brackets"),
        pytest.param({"attendees": ()}, id="nobody invited"),
        pytest.param({"attendees": (Party("Ada", "ada@" + "x" * 64 + ".org"),)}, id="a domain label that is too long"),
    ],
)
def test_what_could_forge_a_line_is_refused(changed: dict[str, object]) -> None:
    with pytest.raises(Refusal):
        invite_bytes(replace(INVITATION, **changed))  # type: ignore[arg-type]
