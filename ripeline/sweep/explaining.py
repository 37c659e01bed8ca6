"""Explaining one lead's score out of the database: as it is now, or as it was at a past instant from what was known then, or is known since."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session, col, select

from models import PlaybookApplication, Role, Score
from ripeline.decide.explain import Explanation, explain
from ripeline.decide.facts import Facts
from ripeline.decide.scoring import Scoring
from ripeline.playbook.applied import applied_playbook, playbook_version
from ripeline.playbook.candidate import in_shadow
from ripeline.playbook.coverage import covered
from ripeline.playbook.playbook import Playbook
from ripeline.sweep.facts import facts_then, left_out
from ripeline.sweep.scoring import scoring_of
from ripeline.sweep.withholding import Withheld, withheld_from


@dataclass(frozen=True)
class Asked:
    """What a lead is judged by at an instant: facts as they were known (or, with hindsight, are known since), and the playbook that was applied.

    `left_out` events do not count, since of a crowd only the newest do.
    """

    facts: Facts
    by: Scoring
    playbook: Playbook
    at: datetime
    left_out: int = 0

    @property
    def market(self) -> str | None:
        """Return the market whose card counts; None: the card everywhere."""
        market: str | None = self.by.markets(self.facts, self.at)["market"].item()
        return market


@dataclass(frozen=True)
class Explained:
    """An explanation, the `market` whose card it is by (None: the card everywhere), that card's `version`, and the `stored` score (None: none).

    `chance` is what the card says its total means, and of what; None: the card says nothing of it, or the lead is excluded. `events_left_out`: so many
    of the lead's events are asked for and do not count, since of a crowd only the newest do (`crowd.MOST_EVENTS`).
    """

    explanation: Explanation
    market: str | None
    version: str
    playbook: str
    stored: Score | None
    chance: float | None = None
    chance_of: str = ""
    events_left_out: int = 0


def explain_lead(
    session: Session, lead_id: int, now: datetime, *, at: datetime | None = None, hindsight: bool = False, role: Role = Role.LIVE
) -> Explained | Withheld:
    """Return why a lead has its score, or why nobody may see one; Refusal where nobody knew the lead, or no card is in this role.

    Told is `now`, or the instant `at` by the playbook that was applied then, from what was known then; with `hindsight` from what is
    known since; in shadow, by the card in shadow. Reads this lead's rows alone.
    """
    withheld = withheld_from(session, [lead_id], max(now, at or now)).get(lead_id)
    if withheld:
        return withheld
    asked = ask(session, lead_id, now, at=at, hindsight=hindsight, role=role)
    stored = session.get(Score, (lead_id, role))
    market = asked.market
    bound = asked.by.bound_in(market)
    explanation, link = explain(asked.facts, bound, asked.at), bound.card.probability
    told = Explained(explanation, market, asked.by.version, asked.playbook.hash, stored, events_left_out=asked.left_out)
    if link is None or explanation.excluded is not None:
        return told
    return replace(told, chance=link.chance(explanation.total), chance_of=link.of)


def ask(session: Session, lead_id: int, now: datetime, *, at: datetime | None = None, hindsight: bool = False, role: Role = Role.LIVE) -> Asked:
    """Return what a lead is judged by; Refusal where nobody knew it, or no card is in this role."""
    playbook = in_shadow(session) if role is Role.SHADOW else applied_playbook(session) if at is None else covered(session, _applied_at(session, at), at)
    by, instant = scoring_of(playbook), at or now
    engine = session.get_bind().engine
    facts = facts_then(engine, lead_id, by.needs, playbook.fields, instant, hindsight=hindsight)
    more = left_out(engine, lead_id, by.needs, playbook.fields, instant, facts, hindsight=hindsight)
    return Asked(facts, by, playbook, instant, more)


def _applied_at(session: Session, at: datetime) -> Playbook:
    """Return the playbook that was applied at an instant, the first one for instants before any was."""
    applied = select(PlaybookApplication.hash, PlaybookApplication.applied_at).order_by(col(PlaybookApplication.id))
    every = [(version, moment) for version, moment in session.exec(applied)]
    if not every:
        return applied_playbook(session)
    by_then = [version for version, moment in every if moment <= at]
    return playbook_version(session, by_then[-1] if by_then else every[0][0])
