"""What turns out to be a machine's after a lead came to sales: nothing is taken back, and the rep who has the lead is told so, once."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from people import NOW, ada, an_event
from sales import DAY, Ready, Sweep, messages, only, the_playbook
from sqlmodel import Session, col, select

from models import Actor, Event, Handoff, HandoffState, Lead, MessageKind
from ripeline.letter.data import Links, Sender, letter_data
from ripeline.letter.writing import write_letter
from ripeline.playbook.applied import apply_files
from ripeline.sweep.handoff import due
from ripeline.sweep.handoff.letters import handoff_data
from ripeline.sweep.handoff.listing import list_handoffs
from ripeline.sweep.ingest import NewEvent, record_events

LATER = NOW + timedelta(hours=3)
SENDER, LINKS = Sender("Nora", "nora@tidewerk.example", "Tidewerk BV", "Keizersgracht 1, Amsterdam"), Links("https://go.tidewerk.example")
DEEDS = (("mail_clicked", {"touch": "case-study"}), ("mail_clicked", {"touch": "live-demo"}), *[("page_viewed", {"path": "/pricing"})] * 2)


@pytest.fixture
def handed(session: Session, ready: Ready, sweep: Sweep) -> Lead:
    """Give Ada, handed over an hour after two clicks and two visits to the prices."""
    apply_files(session, the_playbook().files, now=NOW - DAY, by="test")
    lead = ready(ada())
    for number, (kind, properties) in enumerate(DEEDS):
        session.add(an_event(lead, kind, NOW - (number + 1) * timedelta(hours=30), source_id=f"deed {number}", **properties))
    session.commit()
    sweep()
    return lead


def disowned(session: Session, lead: Lead, deeds: Sequence[int], at: datetime = LATER) -> None:
    """Tell these deeds again, as a machine's."""
    again = [NewEvent(lead.id or 0, "mail_clicked", NOW - DAY, "test", f"deed {number}", actor=Actor.MACHINE) for number in deeds]
    record_events(session, again, at)
    session.commit()


def test_the_rep_gets_one_note_and_the_handoff_stays(session: Session, handed: Lead, sweep: Sweep) -> None:
    disowned(session, handed, [0, 1, 2])

    assert due(session, the_playbook(), now=LATER, batch_size=9) == [range(handed.id or 0, (handed.id or 0) + 1)]
    assert sweep(now=LATER)["notes"] == 1
    disowned(session, handed, [3], at=LATER + DAY)
    assert sweep(now=LATER + DAY)["notes"] == 0
    assert due(session, the_playbook(), now=LATER + DAY, batch_size=9) == []

    handoff = only(session, Handoff)
    note = messages(session)[f"note:{handoff.id}"]
    assert (handoff.state, handoff.total) == (HandoffState.OFFERED, 8250)
    assert (note.kind, note.template, note.recipient, note.recipient_key) == (MessageKind.CARD, "handoff/note", "rep:Lukas Brandt", "lukas@example.com")


def test_the_note_tells_both_scores(session: Session, handed: Lead, sweep: Sweep) -> None:
    disowned(session, handed, [0, 1])
    sweep(now=LATER)
    note = messages(session)[f"note:{only(session, Handoff).id}"]

    about = handoff_data(session, note, the_playbook())
    data = letter_data(session.get_one(Lead, note.lead_id).model_dump(), SENDER, LINKS, fields=the_playbook().fields.lead, **about)
    letter = write_letter(the_playbook().files, note.template, "de", data)

    corrected = about["handoff"].corrected
    assert corrected is not None
    assert 0 < 82.5 - float(corrected) < 30
    assert "Punktzahl bei der Übergabe: 82,5" in letter.text
    assert "ein Teil der Punktzahl dieses Leads stammt von einem Programm" in letter.text
    assert letter.subject == "Berichtigung zu Ihrem Lead: Spreewerk"


def test_it_stands_in_the_list_and_in_the_leads_story(session: Session, handed: Lead, sweep: Sweep) -> None:
    assert [each.is_corrected for each in list_handoffs(session, now=NOW)] == [False]
    disowned(session, handed, [0, 1, 2, 3])
    sweep(now=LATER)

    assert [each.is_corrected for each in list_handoffs(session, now=LATER)] == [True]
    told = session.exec(select(Event).where(col(Event.kind) == "doer_corrected").order_by(col(Event.form))).all()
    deeds = session.exec(select(Event.id).where(col(Event.source) == "test")).all()
    assert {each.form for each in told} == {str(deed) for deed in deeds}
    assert {(each.at, each.actor) for each in told} == {(LATER, Actor.MACHINE)}


@pytest.mark.parametrize("case", ["gave no points", "came after the hand-off", "was a machine's from the beginning", "was rejected"])
def test_nobody_hears_of_what_changes_nothing(session: Session, handed: Lead, sweep: Sweep, case: str) -> None:
    match case:
        case "gave no points":
            session.add(an_event(handed, "gazed_at_the_sea", NOW - DAY, source_id="deed 9"))
        case "came after the hand-off":
            session.add(an_event(handed, "mail_clicked", NOW + timedelta(hours=1), source_id="deed 9"))
        case "was a machine's from the beginning":
            session.add(an_event(handed, "mail_clicked", NOW - DAY, source_id="deed 9", actor=Actor.MACHINE))
        case _:
            session.add(an_event(handed, "handoff_rejected", NOW + timedelta(hours=1), form=str(only(session, Handoff).id)))
    session.commit()
    disowned(session, handed, [0 if case == "was rejected" else 9])

    assert sweep(now=LATER)["notes"] == 0
    assert not any(key.startswith("note") for key in messages(session))
