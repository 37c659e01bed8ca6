"""A whole claim at once, for a channel that wants no letters: it takes everything and sends nothing, so no final dot has to be guarded.

What a message is asked is what `submit` asks of it; only that the answers are read, and written down, for all of them together.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from models import MessageKind
from ripeline.connect.channels import Accepted
from ripeline.sweep.deliver.case import Case, gather_all
from ripeline.sweep.deliver.compose import Written
from ripeline.sweep.deliver.moment import hear_of_all
from ripeline.sweep.deliver.record import Result, accepted
from ripeline.sweep.deliver.submit import LOST, decide, mail_of, stopped
from ripeline.sweep.deliver.tour import Tour


def submit_at_once(tour: Tour, message_ids: Sequence[UUID], token: str) -> list[Result]:
    """Judge these claimed messages in their order, hand over what may go, commit once, and return what became of each."""
    cases = gather_all(tour.session, message_ids, tour.now, tour.settings.key, token, tour.renamed)
    hear_of_all(tour, {case.message.recipient_key for case in cases.values()})
    moves = dict(_moves(tour, cases.values()))
    tour.move_all(token, moves.items())
    return [Result(moves[message_id]["state"].value, is_answered=True) if message_id in moves else LOST for message_id in message_ids]


def _moves(tour: Tour, cases: Iterable[Case]) -> Iterator[tuple[UUID, dict[str, Any]]]:
    """Yield the values that each message gets. One that goes is heard of by those after it, which may be to the same person."""
    for case in cases:
        decided = decide(tour, case)
        if not isinstance(decided, Written):
            yield case.message.id, stopped(case, decided)
            continue
        if case.message.kind is MessageKind.TOUCH:
            tour.heard[case.message.recipient_key][case.message.id] = tour.now
        yield case.message.id, _taken(tour, case, decided)


def _taken(tour: Tour, case: Case, written: Written) -> dict[str, Any]:
    answer = tour.channel.submit(mail_of(tour, case, written), lambda: True)
    if not isinstance(answer, Accepted):
        raise TypeError(f"a channel that wants no letters answered {answer!r}: it takes everything")
    consent_id = case.standing.consent_id if case.is_to_lead else None
    return accepted(answer, tour.now) | {"template": case.message.template, "mail_at": case.message.mail_at or tour.now, "consent_id": consent_id}
