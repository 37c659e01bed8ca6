"""Reading the numbers of a report from the database, in a handful of grouped queries."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col

from models import Consent, ConsentState, Enrolment, Event, Handoff, Lead, Meeting, Message, MessageKind, MessageState, Purpose, Role, Score, SweepRun
from ripeline.playbook.playbook import Playbook
from ripeline.report.coverage import read_coverage
from ripeline.report.hours import Sent, outside, widest
from ripeline.report.numbers import HandoffLine, Numbers
from ripeline.sweep.news import is_unwanted
from ripeline.sweep.withholding import Withheld, withheld_from
from ripeline.zones import to_local, zone_named


def read_numbers(session: Session, playbook: Playbook, since: datetime, until: datetime) -> Numbers:
    """Return the numbers of everything up to now; letters and runs count from `since` up to but not at `until` (aware, UTC)."""
    touches = _touches(session, since, until)
    return Numbers(
        since=since,
        until=until,
        leads=_count(session, sa.select(sa.func.count(col(Lead.id))).where(col(Lead.merged_into).is_(None))),
        events=_count(session, sa.select(sa.func.count()).select_from(Event)),
        stages=_stages(session),
        on_hold=_count(session, sa.select(sa.func.count(col(Lead.id))).where(col(Lead.is_on_hold).is_(True))),
        unscored=_count(session, sa.select(sa.func.count(col(Lead.id))).where(col(Lead.id).not_in(sa.select(col(Score.lead_id))))),
        objected=_count(session, sa.select(sa.func.count(col(Lead.id))).where(col(Lead.erased_at).is_(None), is_unwanted(until))),
        tracks=_grouped(session, sa.select(col(Enrolment.track), sa.func.count()).where(col(Enrolment.ended_at).is_(None)).group_by(col(Enrolment.track))),
        states=_grouped(session, sa.select(col(Message.state), sa.func.count()).group_by(col(Message.state))),
        held_back=_held_back(session),
        without_consent=_without_consent(session),
        by_locale=_most_first(Counter(touch.locale for touch in touches)),
        fallback=_fallback(touches),
        by_local_hour=Counter(to_local(touch.at, zone_named(touch.zone)).hour for touch in touches),
        by_utc_hour=Counter(touch.at.hour for touch in touches),
        window=widest(touches, playbook),
        outside=outside(touches, playbook),
        zones=len({touch.zone for touch in touches}),
        handoffs=_handoffs(session, until),
        runs=_runs(session, since, until),
        coverage=read_coverage(session.get_bind().engine, playbook),
    )


def _count(session: Session, query: sa.Executable) -> int:
    return int(session.execute(query).scalar_one())


def _grouped(session: Session, query: sa.Executable) -> dict[str, int]:
    return _most_first(Counter({str(word): count for word, count in session.execute(query).all()}))


def _most_first(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def _stages(session: Session) -> dict[str, dict[str, int]]:
    query = (
        sa.select(col(Lead.stage), col(Score.grade), sa.func.count())
        .join_from(Lead, Score, (col(Score.lead_id) == col(Lead.id)) & (col(Score.role) == Role.LIVE))
        .group_by(col(Lead.stage), col(Score.grade))
    )
    stages: dict[str, dict[str, int]] = {}
    for stage, grade, count in session.execute(query).all():
        stages.setdefault(stage.value, {})[grade] = count
    return stages


def _held_back(session: Session) -> dict[str, int]:
    """Return why messages were not sent: the kind of reason, without the condition or instant behind its colon."""
    stopped = (MessageState.SUPPRESSED, MessageState.CANCELLED, MessageState.REJECTED)
    reasons: Counter[str] = Counter()
    for reason, count in session.execute(sa.select(col(Message.reason), sa.func.count()).where(col(Message.state).in_(stopped)).group_by(col(Message.reason))):
        reasons[reason.split(":")[0] or "no reason given"] += count
    return _most_first(reasons)


def _without_consent(session: Session) -> int:
    given = sa.select(col(Consent.lead_id)).where(col(Consent.purpose) == Purpose.MARKETING, col(Consent.state) == ConsentState.GIVEN)
    return _count(session, sa.select(sa.func.count(col(Lead.id))).where(col(Lead.id).not_in(given)))


def _touches(session: Session, since: datetime, until: datetime) -> list[Sent]:
    """Return every touch that was accepted between two instants."""
    query: sa.Executable = (
        sa.select(
            col(Message.accepted_at), col(Message.zone), col(Message.locale), col(Lead.locale).label("wanted"), col(Enrolment.track), col(Message.touch),
            col(Score.market), col(Lead.country), col(Lead.region),
        )
        .join_from(Message, Lead, col(Lead.id) == col(Message.lead_id))
        .outerjoin(Enrolment, col(Enrolment.id) == col(Message.enrolment_id))
        .outerjoin(Score, (col(Score.lead_id) == col(Lead.id)) & (col(Score.role) == Role.LIVE))
        .where(col(Message.kind) == MessageKind.TOUCH, col(Message.state) == MessageState.ACCEPTED)
        .where(col(Message.accepted_at) >= since, col(Message.accepted_at) < until)
    )  # fmt: skip
    return [Sent(*row) for row in session.execute(query)]


def _fallback(touches: list[Sent]) -> dict[str, int]:
    """Return, by the language that was wanted, how many touches went out in another one."""
    return _most_first(Counter(sent.wanted for sent in touches if sent.wanted and _language(sent.wanted) != _language(sent.locale)))


def _language(locale: str) -> str:
    return locale.replace("-", "_").split("_")[0]


def _handoffs(session: Session, now: datetime) -> list[HandoffLine]:
    query = (
        sa.select(Handoff, col(Lead.country), Meeting)
        .join_from(Handoff, Lead, col(Lead.id) == col(Handoff.lead_id))
        .outerjoin(Meeting, col(Meeting.handoff_id) == col(Handoff.id))
        .order_by(col(Handoff.rep), col(Meeting.starts_at), col(Handoff.id))
    )  # fmt: skip
    rows = session.execute(query).all()
    withheld = withheld_from(session, {handoff.lead_id for handoff, _, _ in rows}, now)
    return [_without_score(line, withheld) for line in (_line(*row) for row in rows)]


def _without_score(line: HandoffLine, withheld: Mapping[int, Withheld]) -> HandoffLine:
    """Return the line as it is; of whom nobody may see a score, with the reason where it stood."""
    why = withheld.get(line.lead_id)
    return line if why is None else replace(line, total=None, grade=None, withheld=str(why))


def _line(handoff: Handoff, country: str | None, meeting: Meeting | None) -> HandoffLine:
    said = (handoff.rep or "", handoff.lead_id, country or "", handoff.total, handoff.grade, handoff.state.value)
    if meeting is None:
        return HandoffLine(*said)
    lead, rep = (to_local(meeting.starts_at, zone_named(zone)) for zone in (meeting.lead_zone, meeting.rep_zone))
    return HandoffLine(*said, lead, meeting.lead_zone, rep, meeting.rep_zone)


def _runs(session: Session, since: datetime, until: datetime) -> dict[str, int]:
    query = sa.select(col(SweepRun.sweep), sa.func.count()).where(col(SweepRun.now) >= since, col(SweepRun.now) < until).group_by(col(SweepRun.sweep))
    return _grouped(session, query)
