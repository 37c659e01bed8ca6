"""Meeting invites as iCalendar: values in, bytes out (RFC 5545, scheduled by RFC 5546, mailed by RFC 6047).

Instants are written in UTC and no VTIMEZONE is added: three zone databases disagree on 15 zones, UTC on none. Local times
of both sides stand in the letter. No VALARM: when to be reminded is the reader's business.
"""

import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from urllib.parse import quote

import icalendar

from ripeline.values import Refusal

PRODUCT = "-//Ripeline//Ripeline//EN"
_PLAIN_IN_MAILTO = "!$'*+-._~"


class Method(StrEnum):
    """What an invite asks of its readers (RFC 5546 3.2)."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


@dataclass(frozen=True)
class Party:
    """Somebody who takes part: a name as people write it, empty where unknown, and a mail address."""

    name: str
    address: str


@dataclass(frozen=True)
class Invitation:
    """One revision of one meeting. `uid` never changes; `sequence` and `stamped_at` never fall. Instants are aware.

    `description` may have lines, parted by a line feed; every other text is one line. Texts are in the reader's language.
    """

    uid: str
    sequence: int
    stamped_at: datetime
    starts_at: datetime
    ends_at: datetime
    organizer: Party
    attendees: tuple[Party, ...]
    summary: str
    description: str = ""
    location: str = ""


def invite_bytes(invitation: Invitation, method: Method = Method.REQUEST) -> bytes:
    """Return the calendar object, UTF-8, CRLF, folded at 75 octets; a text that could forge a line or a header raises Refusal."""
    _gate(invitation)
    calendar = icalendar.Calendar()
    calendar.add("PRODID", PRODUCT)
    calendar.add("VERSION", "2.0")
    calendar.add("METHOD", method.value)
    calendar.add_component(_event(invitation, method))
    written: bytes = calendar.to_ical()
    return written


def _event(invitation: Invitation, method: Method) -> icalendar.Event:
    event = icalendar.Event()
    event.add("UID", invitation.uid)
    event.add("SEQUENCE", invitation.sequence)
    event.add("DTSTAMP", _utc(invitation.stamped_at))
    event.add("DTSTART", _utc(invitation.starts_at))
    event.add("DTEND", _utc(invitation.ends_at))
    event.add("SUMMARY", invitation.summary)
    for name, text in (("DESCRIPTION", invitation.description.replace("\r\n", "\n")), ("LOCATION", invitation.location)):
        if text:
            event.add(name, text)
    event.add("STATUS", "CANCELLED" if method is Method.CANCEL else "CONFIRMED")
    event.add("TRANSP", "TRANSPARENT" if method is Method.CANCEL else "OPAQUE")
    event.add("ORGANIZER", _address(invitation.organizer))
    for party in invitation.attendees:
        event.add("ATTENDEE", _attendee(party, method))
    return event


def _attendee(party: Party, method: Method) -> icalendar.vCalAddress:
    attendee = _address(party)
    attendee.params["CUTYPE"] = "INDIVIDUAL"
    attendee.params["ROLE"] = "REQ-PARTICIPANT"
    if method is Method.REQUEST:
        attendee.params["PARTSTAT"] = "NEEDS-ACTION"
        attendee.params["RSVP"] = "TRUE"
    return attendee


def _address(party: Party) -> icalendar.vCalAddress:
    """Return a mailto URI (RFC 6068): what the local part may hold and a URI may not is percent-encoded, the domain is ASCII."""
    local, _, domain = party.address.rpartition("@")
    try:
        ascii_domain = domain.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise Refusal("an invite names an address whose domain cannot be written in ASCII: correct the address") from error
    written = icalendar.vCalAddress(f"mailto:{quote(local, safe=_PLAIN_IN_MAILTO)}@{ascii_domain}")
    if party.name:
        written.params["CN"] = icalendar.vText(party.name)
    return written


def _utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise TypeError(f"an invite needs instants with a zone, and {instant!r} has none")
    return instant.astimezone(UTC).replace(microsecond=0)


def _gate(invitation: Invitation) -> None:
    """Refuse what a careless parser could take for a new line or a decoder for an encoded word (CVE-2026-1299 and kin)."""
    if not invitation.attendees:
        raise Refusal("an invite has nobody to invite: give it at least one attendee (RFC 5546 3.2.2)")
    for what, text in _one_line_texts(invitation):
        if "=?" in text or any(_breaks_lines(character) for character in text):
            raise Refusal(f"the {what} of an invite holds a line break, a control character or '=?': take it out at its source")
    if any(_breaks_lines(character) for character in invitation.description.replace("\r\n", "\n") if character not in "\n\t"):
        raise Refusal("the description of an invite holds a control character: take it out at its source")
    for party in (invitation.organizer, *invitation.attendees):
        local, at, domain = party.address.rpartition("@")
        if not (local and at and domain) or any(character.isspace() or character in '<>"' for character in party.address):
            raise Refusal("an invite names somebody without a usable mail address: correct the address")


def _one_line_texts(invitation: Invitation) -> list[tuple[str, str]]:
    texts = [("UID", invitation.uid), ("summary", invitation.summary), ("location", invitation.location)]
    for party in (invitation.organizer, *invitation.attendees):
        texts += [("name of a party", party.name), ("address of a party", party.address)]
    return texts


def _breaks_lines(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Zl", "Zp", "Cs")
