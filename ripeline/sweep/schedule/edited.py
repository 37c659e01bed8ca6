"""What an edit of its track, or a merge, left behind among a lead's messages: touches that nobody will get, each with the reason."""

import sqlalchemy as sa
from sqlmodel import col

from models import Message, MessageState

TAKEN_OUT = "taken out of its track by an edit"
"""It was planned, and its track has it no more. Should the track have it again, it was never planned."""

PASSED_OVER = "put in behind the lead's place by an edit"
"""It was never planned: the lead was further on when it came in."""

LED_PAST = "the lead had gone on to a later touch"
"""It was never planned: a way on led past it, in the order that its track had then."""


HAD_ELSEWHERE = "the lead had it already, before it was merged"
"""It was never planned: the same person got this touch as another lead."""

NEVER_PLANNED = (PASSED_OVER, LED_PAST, HAD_ELSEWHERE)
"""The reasons of what only keeps a place."""


def is_taken_out() -> sa.ColumnElement[bool]:
    """Return the condition on Message that it counts as never planned, should its track have it again."""
    return _is_cancelled_by(TAKEN_OUT)


def is_passed_over() -> sa.ColumnElement[bool]:
    """Return the condition on Message that the last edit put it in behind the lead's place; the next one judges anew."""
    return _is_cancelled_by(PASSED_OVER)


def is_never_planned() -> sa.ColumnElement[bool]:
    """Return the condition on Message that it only keeps a place: nobody ever planned it."""
    return sa.and_(col(Message.state) == MessageState.CANCELLED, col(Message.reason).in_(NEVER_PLANNED))


def _is_cancelled_by(reason: str) -> sa.ColumnElement[bool]:
    return sa.and_(col(Message.state) == MessageState.CANCELLED, col(Message.reason) == reason)
