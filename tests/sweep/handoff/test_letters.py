"""What card and invite say: data for their templates, and the calendar object, whatever the language."""

import pytest
from icalendar import Calendar, Event
from people import NOW, ada, an_event, kenji
from sales import Ready, Sweep, messages, only, the_playbook
from sqlmodel import Session

from models import Lead, Meeting, Message
from ripeline.letter.data import Links, Sender, letter_data
from ripeline.letter.writing import Letter, write_letter
from ripeline.playbook.applied import apply_files
from ripeline.settings import Settings
from ripeline.sweep.handoff.letters import calendar_for, handoff_data
from ripeline.values import Refusal

SENDER = Sender("Nora at Tidewerk", "nora@tidewerk.example", "Tidewerk BV", "Keizersgracht 1, 1015 CN Amsterdam, Netherlands")
LINKS = Links("https://go.tidewerk.example", "https://go.tidewerk.example/u/token")


@pytest.fixture(autouse=True)
def applied(session: Session) -> None:
    apply_files(session, the_playbook().files, now=NOW, by="test")


def letter_of(session: Session, message: Message, locale: str) -> Letter:
    lead = session.get_one(Lead, message.lead_id)
    about = handoff_data(session, message, the_playbook())
    data = letter_data(lead.model_dump(), SENDER, LINKS, fields=the_playbook().fields.lead, **about)
    return write_letter(the_playbook().files, message.template, locale, data)


def event_in(calendar: bytes) -> Event:
    (event,) = Calendar.from_ical(calendar).walk("VEVENT")
    assert isinstance(event, Event)
    return event


def test_the_card_names_every_reason_the_heaviest_first(session: Session, ready: Ready, sweep: Sweep) -> None:
    rules = the_playbook().scorecard.rules
    ready(ada(), reasons="0=1000;1=2550;2=-500")
    sweep()
    card = next(iter(messages(session).values()))

    about, letter = handoff_data(session, card, the_playbook()), letter_of(session, card, "en")

    assert [reason.name for reason in about["score"].reasons] == [rules[1].name, rules[0].name, rules[2].name]
    assert (str(about["score"].total), str(about["score"].reasons[0].points)) == ("82.50", "25.50")
    assert rules[1].name in letter.text
    assert "Lukas Brandt serves DE and speaks de" in letter.text
    assert f"ripeline handoff accept {card.handoff_id}" in letter.text


def test_the_card_says_until_when_to_answer_on_the_reps_clock(session: Session, ready: Ready, sweep: Sweep) -> None:
    ready(kenji())
    sweep()
    (card,) = [message for message in messages(session).values() if message.template == "handoff/card"]

    # Monday 19:00 in Tokyo: four of Haruka's business hours from Tuesday 09:30 on.
    assert "Answer by: Tuesday, March 3, 2026, 1:30\u202fPM (Asia/Tokyo)" in letter_of(session, card, "en").text


def test_the_card_says_why_there_is_no_invite(session: Session, ready: Ready, sweep: Sweep) -> None:
    ready(ada(), consent=False)
    sweep()
    (card,) = messages(session).values()

    letter = letter_of(session, card, "en")

    assert handoff_data(session, card, the_playbook())["meeting"] is None
    assert "no invite: the lead has not agreed to be written to" in letter.text


@pytest.mark.parametrize("locale", ["en", "de", "ja", "ar"])
def test_an_invite_carries_its_letter_in_a_calendar(session: Session, ready: Ready, sweep: Sweep, settings: Settings, locale: str) -> None:
    ready(kenji())
    sweep()
    meeting, invite = only(session, Meeting), messages(session)["invite:1:0"]
    letter = letter_of(session, invite, locale)

    calendar, method = calendar_for(session, invite, letter, settings.sender_address)

    event = event_in(calendar)
    assert method == "REQUEST"
    assert (str(event["UID"]), event["SEQUENCE"]) == (meeting.uid, 0)
    assert (event.decoded("DTSTART"), event.decoded("DTEND")) == (meeting.starts_at, meeting.ends_at)
    assert str(event["SUMMARY"]) == letter.subject
    assert letter.text.startswith(str(event["DESCRIPTION"]))
    assert "Haruka Sato" in str(event["DESCRIPTION"])
    assert "/u/token" not in str(event["DESCRIPTION"]), "a calendar is shared: nobody else may unsubscribe its owner"
    assert (str(event["ORGANIZER"]), event["ORGANIZER"].params["CN"]) == ("mailto:nora@tidewerk.example", "Haruka Sato")
    assert [str(each) for each in event.attendees] == ["mailto:kenji@example.org", "mailto:haruka@example.com"]


def test_lead_and_rep_get_the_same_meeting(session: Session, ready: Ready, sweep: Sweep, settings: Settings) -> None:
    ready(ada())
    sweep()
    both = [messages(session)[key] for key in ("invite:1:0", "invite-rep:1:0")]

    events = [event_in(calendar_for(session, each, letter_of(session, each, "en"), settings.sender_address)[0]) for each in both]

    for name in ("UID", "SEQUENCE", "DTSTAMP", "DTSTART", "DTEND", "ORGANIZER"):
        assert events[0].to_ical().split(name.encode())[1].split(b"\r\n")[0] == events[1].to_ical().split(name.encode())[1].split(b"\r\n")[0]


def test_an_invite_that_another_revision_overtook_is_refused(session: Session, ready: Ready, sweep: Sweep) -> None:
    lead = ready(ada())
    sweep()
    first = messages(session)["invite:1:0"]
    session.add(an_event(lead, "meeting_declined", NOW.replace(hour=11)))
    session.commit()
    sweep(now=NOW.replace(hour=12))

    with pytest.raises(Refusal, match="revision 0 of meeting 1, which is at 1"):
        handoff_data(session, first, the_playbook())
