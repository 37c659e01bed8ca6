"""What people do about what they got: written down by the same doors as in life."""

from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest
import sqlalchemy as sa
from mailing import a_message, saved, willing
from people import NOW, ada
from sqlmodel import Session, col

from models import Event, Handoff, HandoffState, Lead, MessageState, Suppression
from ripeline.simulate.chance import Chance
from ripeline.simulate.observed import HOLDS
from ripeline.simulate.rates import Counts, Rate, rates_of
from ripeline.simulate.reactions import Reactions
from ripeline.simulate.visits import Visitors

WEEK = timedelta(days=7)


def certain(kind: str) -> Reactions:
    """Return reactions of people who all do this one thing, and whose visits are one look at pricing."""
    rates = rates_of(Counts())
    always = replace(rates, pooled={each: Rate(each, float(each == kind)) for each in rates.pooled}, verdicts={kind: Rate(kind, 1.0)})
    visit = pl.DataFrame({"visit": [0], "step": [0], "second": [36_000], "kind": ["page_viewed"], "path": ["/pricing"]})
    visits = visit.with_columns(pl.lit(None, dtype).alias(name) for name, dtype in HOLDS.items() if name not in visit.columns)
    return Reactions(always, Visitors(pl.DataFrame(), visits, Chance(1)), Chance(1), b"0123456789abcdef0123456789abcdef")


@pytest.fixture
def lead(session: Session) -> Lead:
    """Give Ada, who agreed to be written to."""
    return willing(session, ada())


def kinds(session: Session) -> list[str]:
    return sorted(session.execute(sa.select(col(Event.kind))).scalars())


def test_a_click_is_an_event_of_its_mail_and_begins_a_visit(session: Session, lead: Lead) -> None:
    message = saved(session, a_message(lead, state=MessageState.ACCEPTED, accepted_at=NOW))
    reactions = certain("mail_clicked")

    reactions.to_mails(session, [message.mail_id], NOW)

    assert reactions.next_at is not None
    assert NOW < reactions.next_at < NOW + WEEK
    assert reactions.record(session, NOW) == 0
    assert reactions.record(session, NOW + WEEK) == 2
    assert kinds(session) == ["mail_clicked", "page_viewed"]


def test_who_unsubscribes_is_suppressed_and_hears_no_more(session: Session, lead: Lead) -> None:
    sent, waits = a_message(lead, state=MessageState.ACCEPTED, accepted_at=NOW), a_message(lead, due_at=NOW + WEEK)
    saved(session, sent, waits)
    reactions = certain("unsubscribed")

    reactions.to_mails(session, [sent.mail_id], NOW)
    reactions.record(session, NOW + WEEK)

    session.refresh(waits)
    assert waits.state is MessageState.SUPPRESSED
    assert session.execute(sa.select(sa.func.count()).select_from(Suppression)).scalar_one() == 1


def test_a_rep_answers_the_handoff_that_was_offered_now(session: Session, lead: Lead) -> None:
    assert lead.id is not None
    saved(session, Handoff(lead_id=lead.id, total=8000, grade="A1", version="0", opened_at=NOW, offered_at=NOW, state=HandoffState.OFFERED))
    reactions = certain("handoff_rejected")

    reactions.to_handoffs(session, NOW)
    reactions.record(session, NOW + WEEK)

    assert kinds(session) == ["handoff_rejected"]
