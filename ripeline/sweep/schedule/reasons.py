"""Why a lead has no touch planned: the first reason, in words."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from models import LIVE_STATES, Consent, ConsentState, Enrolment, Handoff, Lead, Message, MessageKind, Purpose, Role, Score
from ripeline.settings import Settings, load_settings
from ripeline.sweep.bulk import is_one_of
from ripeline.sweep.suppressing import EVERYTHING, suppressions_of

NOT_RUN = "not planned yet: run `ripeline run schedule`"


def why_not_planned(session: Session, lead_ids: Collection[int], *, now: datetime | None = None, settings: Settings | None = None) -> dict[int, str]:
    """Return for each of these leads that has no touch on its way the first reason why, in the order of what lasts longest.

    Leads that have one are left out, and so are unknown ids. `now` None: all consents count that are recorded.
    """
    settings = settings or load_settings()
    rows = session.execute(_standings(session, sorted(lead_ids), now)).all()
    standing = suppressions_of(session, {row.address_key for row in rows}, settings.key)
    suppressed = {key: next((each.reason.value for each in found if each.scope == EVERYTHING), "") for key, found in standing.items()}
    return {row.id: next(_reasons(row, suppressed.get(row.address_key, ""))) for row in rows if not row.has_plan}


def _reasons(row: Any, suppressed: str) -> Iterator[str]:
    if row.erased_at is not None:
        yield "erased"
    if suppressed:
        yield f"suppressed: {suppressed.replace('_', ' ')}"
    if row.consent is None:
        yield "no recorded consent to marketing"
    if row.consent is ConsentState.WITHDRAWN:
        yield "consent to marketing was withdrawn"
    if row.consent is ConsentState.PENDING:
        yield "asked for our mail, and has not confirmed it yet"
    if row.is_handed_off:
        yield "with sales: an open hand-off pauses nurture"
    if row.is_on_hold:
        yield "on hold"
    if row.total is None:
        yield "without a score, hence in no track"
    if row.excluded is not None:
        yield f"excluded: {row.excluded}"
    if not row.is_enrolled:
        yield "in no track"
    if not row.has_touches_left:
        yield "its track has no touch left"
    yield NOT_RUN


def _standings(session: Session, lead_ids: list[int], now: datetime | None) -> sa.Select[Any]:
    def one(table: Any, *where: sa.ColumnElement[bool]) -> Any:
        return sa.select(col(table.id)).where(col(table.lead_id) == col(Lead.id), *where).correlate(Lead).exists()

    marketing = sa.select(col(Consent.state)).where(col(Consent.lead_id) == col(Lead.id), col(Consent.purpose) == Purpose.MARKETING)
    heard = marketing if now is None else marketing.where(col(Consent.at) <= now)
    consent = heard.order_by(col(Consent.at).desc(), col(Consent.id).desc()).limit(1).correlate(Lead).scalar_subquery()
    live, running = sa.and_(col(Score.lead_id) == col(Lead.id), col(Score.role) == Role.LIVE), col(Enrolment.ended_at).is_(None)
    columns: list[Any] = [
        col(Lead.id), col(Lead.address_key), col(Lead.erased_at), col(Lead.is_on_hold), col(Score.total), col(Score.excluded), consent.label("consent"),
        one(Handoff, col(Handoff.closed_at).is_(None)).label("is_handed_off"), one(Enrolment, running).label("is_enrolled"),
        one(Enrolment, running, col(Enrolment.exhausted_at).is_(None)).label("has_touches_left"),
        one(Message, col(Message.kind) == MessageKind.TOUCH, col(Message.state).in_(LIVE_STATES)).label("has_plan"),
    ]  # fmt: skip
    query: sa.Select[Any] = sa.select(*columns)
    return query.select_from(Lead).outerjoin(Score, live).where(is_one_of(session, col(Lead.id), lead_ids))
