"""What a hand-off's score would have been without the deeds that turned out to be a machine's since."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from models import Event, Handoff
from ripeline.decide.scoring import score_by_market
from ripeline.playbook.applied import playbook_version
from ripeline.playbook.coverage import covered
from ripeline.sweep.facts import read_facts
from ripeline.sweep.ingest.correcting import CORRECTED
from ripeline.sweep.scoring import scoring_of


def corrected_total(session: Session, handoff: Handoff, version: str) -> int | None:
    """Return the total, in hundredths, with which a lead would have come to sales without what turned out to be no human's; None: with the same.

    Both totals are worked out for the instant of the offer by the playbook `version`, from what was known then; what is between them is taken from
    the total that the card told.
    """
    deeds = [int(form) for form in session.execute(_corrections(handoff)).scalars() if form]
    playbook = covered(session, playbook_version(session, version), handoff.offered_at)
    by, at = scoring_of(playbook), handoff.offered_at
    assert at is not None, "a rep has it"
    totals = []
    for also in (deeds, []):
        facts = read_facts(session.get_bind().engine, range(handoff.lead_id, handoff.lead_id + 1), by.needs, playbook.fields, at, also=also).facts
        totals += score_by_market(facts, by, at)["total"].to_list()
    return handoff.total - (totals[0] - totals[1]) if len(totals) == 2 and totals[0] > totals[1] else None


def _corrections(handoff: Handoff) -> sa.Select[Any]:
    """Select the ids, as text, of this lead's deeds that turned out to be no human's since the offer; those of before had no part in it."""
    return sa.select(col(Event.form)).where(col(Event.lead_id) == handoff.lead_id, col(Event.kind) == CORRECTED, col(Event.at) > handoff.offered_at)
