"""Working off what is due for some leads: claim a few, send each, again until none is left or the server fails."""

import os
import platform
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from models import Message, MessageState
from ripeline.connect.channels import Channel, channel_named
from ripeline.connect.errors import Permanent, Temporary
from ripeline.database import database_now
from ripeline.playbook.playbook import Playbook
from ripeline.settings import Settings, load_settings, read_settings
from ripeline.sweep.deliver.at_once import submit_at_once
from ripeline.sweep.deliver.case import Case, gather
from ripeline.sweep.deliver.claim import claim, is_among, is_due, is_let_through, recover, release
from ripeline.sweep.deliver.compose import write
from ripeline.sweep.deliver.due import held_back_count
from ripeline.sweep.deliver.pace import Pace
from ripeline.sweep.deliver.purpose import look_ahead
from ripeline.sweep.deliver.record import Result
from ripeline.sweep.deliver.sender import sender_of
from ripeline.sweep.deliver.submit import judge, submit
from ripeline.sweep.deliver.tour import Tour
from ripeline.sweep.deliver.verdict import Ended, PutOff
from ripeline.sweep.failpoint import reach
from ripeline.values import Refusal, Tally

AHEAD = timedelta(minutes=5)
"""How far `now` may be ahead of the database's clock where mail is real."""

STRIKES = 2
"""After so many messages in a row that met a failing server, the round ends: the next one would fare the same."""


class Stopped(Refusal):
    """The round ended early. Everything before is stored, and counted in `tally`; the rest waits unchanged."""

    def __init__(self, sentence: str, tally: Tally) -> None:
        super().__init__(sentence, 3)
        self.tally = tally


def deliver(
    session: Session,
    ids: range,
    playbook: Playbook,
    *,
    now: datetime,
    dry_run: bool = False,
    settings: Settings | None = None,
    channel: Channel | None = None,
    pace: Pace | None = None,
) -> Tally:
    """Send what is due for the leads in `ids` and return the counts by outcome.

    Words: accepted, deferred, rejected, in_doubt, suppressed, cancelled, lost_lease (another worker took over), recovered (left
    behind by a worker that died), held_back (RIPELINE_ONLY_TO), would_go (dry run). Settings, channel and pace None: as configured.
    A server that fails, or refuses us, ends the round with Stopped once everything is stored.
    """
    settings = settings or load_settings()
    channel = channel or channel_named(settings.channel, settings)
    tour = Tour(session, playbook, now, settings, pace or read_settings(Pace), channel, worker=f"{platform.node()}:{os.getpid()}")
    sender_of(settings, is_sink=channel.is_sink)
    _refuse_the_future(tour)
    if dry_run:
        return _rehearse(tour, ids)
    tally = Tally(recover(session, ids, now=now, pace=tour.pace))
    try:
        return _work_off(tour, ids, tally)
    finally:
        channel.close()


def _work_off(tour: Tour, ids: range, tally: Tally) -> Tally:
    strikes, trouble, is_open = 0, "", False
    while True:
        token, batch = claim(tour.session, ids, now=tour.now, pace=tour.pace, worker=tour.worker, only_to=tour.settings.only_to)
        reach("K2")
        if not batch:
            break
        is_last = len(batch) < tour.pace.claim  # then nothing else was due
        look_ahead(tour, batch)
        tour.session.rollback()
        if not is_open:
            _open(tour, token, tally)
            is_open = True
        for result in _submitted(tour, batch, token):
            tally += Tally({result.word: 1})
            trouble = "" if result.is_answered else result.trouble or trouble
            strikes = 0 if result.is_answered else strikes + bool(result.trouble)
            if result.alarm or strikes >= STRIKES:
                release(tour.session, token)
                raise Stopped(_stopped(result.alarm or trouble), tally)
        if is_last:
            break
    if strikes:
        raise Stopped(_stopped(trouble), tally)
    return tally + _held_back(tour, ids)


def _submitted(tour: Tour, batch: Sequence[UUID], token: str) -> Iterable[Result]:
    """Give what becomes of each claimed message; where letters go out, one is only begun when the one before has ended."""
    if tour.channel.wants_letters:
        return (submit(tour, message_id, token) for message_id in batch)
    return submit_at_once(tour, batch, token)


def _open(tour: Tour, token: str, tally: Tally) -> None:
    try:
        tour.channel.open()
    except (Temporary, Permanent) as error:
        release(tour.session, token)
        raise Stopped(_stopped(str(error)), tally) from error


def _stopped(why: str) -> str:
    return f"{why}. Nothing is lost: what was not sent waits for the next run"


def _held_back(tour: Tour, ids: range) -> Tally:
    count = held_back_count(tour.session, ids, tour.now, tour.settings.only_to)
    tour.session.rollback()
    return Tally.of(held_back=count)


def _rehearse(tour: Tour, ids: range) -> Tally:
    """Judge and write everything that is due, keep nothing, claim nothing, and return what would become of it."""
    wanted = sa.select(col(Message.id)).where(is_due(tour.now), is_let_through(tour.settings.only_to), is_among(ids)).order_by(col(Message.due_at))
    tally = Tally()
    for message_id in list(tour.session.execute(wanted).scalars()):
        case = gather(tour.session, tour.question(message_id))
        if case is None:
            continue
        tally += Tally({_foretold(tour, case): 1})
        tour.session.rollback()  # on SQLite nobody else could write until the rehearsal is over
    return tally + _held_back(tour, ids)


def _foretold(tour: Tour, case: Case) -> str:
    try:
        decided = judge(tour, case) or write(tour, case)
    except Refusal:
        return MessageState.REJECTED.value
    match decided:
        case Ended():
            return decided.state.value
        case PutOff():
            return MessageState.DEFERRED.value
    return "would_go"


def _refuse_the_future(tour: Tour) -> None:
    clock = database_now(tour.session)
    tour.session.rollback()
    if tour.now > clock + AHEAD and not tour.channel.is_sink:
        raise Refusal(
            f"now is {tour.now:%Y-%m-%d %H:%M}Z, and the database's clock shows {clock:%Y-%m-%d %H:%M}Z: real mail is sent in the present alone; "
            "leave --now out, or rehearse with RIPELINE_CHANNEL=maildir"
        )
