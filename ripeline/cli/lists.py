"""`ripeline leads` and `ripeline messages`: what stands in the database, filtered."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ripeline.cli import screen

if TYPE_CHECKING:
    from sqlmodel import Session

    from models import Message
    from ripeline.sweep.withholding import Withheld

Json = Annotated[bool, typer.Option("--json", help="Print JSON for a program.")]
Limit = Annotated[int, typer.Option(min=1, max=10_000_000, help="At most so many rows.")]


def leads(
    stage: Annotated[str | None, typer.Option(help="Only this funnel stage, such as marketing_qualified.")] = None,
    track: Annotated[str | None, typer.Option(help="Only leads with an open enrolment in this track.")] = None,
    at_least: Annotated[float | None, typer.Option("--at-least", min=-1_000_000, max=1_000_000, help="Only a total of at least so many points.")] = None,
    on_hold: Annotated[bool, typer.Option("--on-hold", help="Only leads on hold.")] = False,
    shadow: Annotated[bool, typer.Option("--shadow", help="Show what the card in shadow gives them, too.")] = False,
    limit: Limit = 50,
    json: Json = False,
) -> None:
    """List leads, the highest score first, with stage, grade, track, and the instant each score is as of.

    Who objected to profiling has no score, and that stands where it would.
    """
    import sqlalchemy as sa
    from sqlalchemy.orm import aliased
    from sqlmodel import col

    from models import Enrolment, Lead, Role, Score, Stage
    from ripeline.database import database_now
    from ripeline.playbook.lineage import lineage_applied
    from ripeline.sweep.withholding import withheld_from

    other = aliased(Score)
    query = (
        sa.select(
            col(Lead.id), col(Lead.address), col(Lead.country), col(Lead.locale), col(Lead.stage), col(Lead.is_on_hold),
            col(Score.total), col(Score.grade), col(Score.excluded), col(Score.as_of), col(Enrolment.track), col(other.total), col(other.grade),
        )
        .outerjoin(Score, sa.and_(col(Score.lead_id) == col(Lead.id), col(Score.role) == Role.LIVE))
        .outerjoin(other, sa.and_(col(other.lead_id) == col(Lead.id), col(other.role) == Role.SHADOW))
        .outerjoin(Enrolment, sa.and_(col(Enrolment.lead_id) == col(Lead.id), col(Enrolment.ended_at).is_(None)))
        .where(col(Lead.merged_into).is_(None))
        .order_by(col(Score.total).desc().nulls_last(), col(Lead.id))
        .limit(limit)
    )  # fmt: skip
    if stage:
        query = query.where(col(Lead.stage) == _one_of(stage, Stage, "stage"))
    if at_least is not None:
        query = query.where(col(Score.total) >= round(at_least * 100))
    if on_hold:
        query = query.where(col(Lead.is_on_hold))
    with screen.session(writes=False) as session:
        if track:
            query = query.where(col(Enrolment.track).in_(lineage_applied(session).track_names(track)))
        found = session.execute(query).all()
        withheld = withheld_from(session, [row[0] for row in found], database_now(session))
        rows = [
            [key, address, country, locale, str(where), held, _points(total), grade, excluded, as_of, name, *([_points(theirs), its] if shadow else [])]
            for key, address, country, locale, where, held, total, grade, excluded, as_of, name, theirs, its in found
        ]
    rows = [_without_score(row, withheld[row[0]]) if row[0] in withheld else row for row in rows]
    beside = ["shadow total", "shadow grade"] if shadow else []
    screen.table(["id", "address", "country", "locale", "stage", "on hold", "total", "grade", "excluded", "as of", "track", *beside], rows, json=json)


def _without_score(row: list[Any], why: "Withheld") -> list[Any]:
    """Return a row of leads with the reason where grade and exclusion would stand, also before `rescore` took the score away."""
    return [*row[:6], None, None, str(why), None, row[10], *([None] * len(row[11:]))]


def messages(
    state: Annotated[str | None, typer.Option(help="Only this state, such as scheduled, accepted, suppressed, in_doubt.")] = None,
    lead: Annotated[str | None, typer.Option(help="Only this lead: id or address.")] = None,
    limit: Limit = 50,
    json: Json = False,
) -> None:
    """Count messages by state, list the newest, and say of leads in a track without any message why they have none."""
    from sqlmodel import col, select

    from models import Message, MessageState

    query = select(Message).order_by(col(Message.due_at).desc(), col(Message.key)).limit(limit)
    if state:
        query = query.where(col(Message.state) == _one_of(state, MessageState, "state"))
    with screen.session(writes=False) as session:
        wanted = screen.find_lead(session, lead).id if lead else None
        if wanted is not None:
            query = query.where(col(Message.lead_id) == wanted)
        rows = [_message(each) for each in session.exec(query).all()]
        counts, unplanned = _counts(session, wanted), _unplanned(session, wanted)
    if json:
        screen.show_json({"states": counts, "leads_without_message": unplanned, "messages": [screen.named(MESSAGE_COLUMNS, row) for row in rows]})
        return
    screen.table(MESSAGE_COLUMNS, rows)
    screen.say("\n" + (", ".join(f"{count:,} {word}" for word, count in counts.items()) or "no messages yet"))
    for reason, count in unplanned.items():
        screen.say(f"{count:,} {'lead in a track gets' if count == 1 else 'leads in a track get'} no mail: {reason}")


MESSAGE_COLUMNS = ("lead", "kind", "to", "touch", "state", "reason", "local time", "zone", "due", "locale")


def _message(each: "Message") -> list[Any]:
    touch = each.touch or each.template
    return [each.lead_id, str(each.kind), each.recipient, touch, str(each.state), each.reason, each.local_at, each.zone, each.due_at, each.locale]


def _counts(session: "Session", lead_id: int | None) -> dict[str, int]:
    import sqlalchemy as sa
    from sqlmodel import col

    from models import Message

    by_state = sa.select(col(Message.state), sa.func.count()).group_by(col(Message.state)).order_by(sa.func.count().desc())
    rows = session.execute(by_state if lead_id is None else by_state.where(col(Message.lead_id) == lead_id)).all()
    return {str(state): count for state, count in rows}


def _unplanned(session: "Session", lead_id: int | None) -> dict[str, int]:
    """Return, for leads in a track with nothing planned, or for one of them, how many are stopped by what."""
    from collections import Counter

    import sqlalchemy as sa
    from sqlmodel import col

    from models import LIVE_STATES, Enrolment, Message
    from ripeline.sweep.schedule import why_not_planned

    planned = sa.select(col(Message.enrolment_id)).where(col(Message.state).in_(LIVE_STATES), col(Message.enrolment_id).is_not(None))
    waiting: sa.Select[Any] = sa.select(col(Enrolment.lead_id)).where(
        col(Enrolment.ended_at).is_(None), col(Enrolment.exhausted_at).is_(None), col(Enrolment.id).not_in(planned)
    )
    if lead_id is not None:
        waiting = waiting.where(col(Enrolment.lead_id) == lead_id)
    return dict(Counter(why_not_planned(session, list(session.execute(waiting).scalars())).values()).most_common())


def _points(hundredths: int | None) -> float | None:
    return None if hundredths is None else hundredths / 100


def _one_of(word: str, enum: Any, what: str) -> Any:
    from ripeline.playbook.finding import did_you_mean
    from ripeline.values import Refusal

    if word not in list(enum):
        raise Refusal(f"no {what} '{word}'. {did_you_mean(word, list(enum))} There are: {', '.join(enum)}")
    return enum(word)
