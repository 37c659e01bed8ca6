"""What a channel said, stored: the message's next state, and what follows for the address."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from models import Message, MessageKind, MessageState
from ripeline.connect.channels import Accepted, Deferred, InDoubt, Outcome, Rejected
from ripeline.sweep.deliver.answers import is_dead_address, our_fault
from ripeline.sweep.deliver.bounce import suppress_dead_address
from ripeline.sweep.deliver.tour import Tour, due_again, unleased


@dataclass(frozen=True)
class Result:
    """What became of one message, as a word for the tally.

    `trouble` names what is wrong with the server, so that the next message would fare the same; `alarm` what is wrong with us,
    so that every message would. `is_answered`: the server did its work, whatever it said.
    """

    word: str
    is_answered: bool = False
    trouble: str = ""
    alarm: str = ""


def record(tour: Tour, message: Message, token: str, outcome: Outcome) -> Result:
    """Store the outcome of a submission in one transaction; return it as a result."""
    match outcome:
        case Accepted():
            return _end(tour, message, token, outcome, MessageState.ACCEPTED, accepted_at=tour.now)
        case Deferred():
            return _put_off(tour, message, token, outcome)
        case Rejected():
            return _reject(tour, message, token, outcome)
        case InDoubt():
            return _doubt(tour, message, token, outcome)
    raise TypeError(f"a channel answered {outcome!r}, which is no outcome to record")


def accepted(answer: Accepted, now: datetime) -> dict[str, Any]:
    """Return the values of a message that the other side took at `now`."""
    return _ended(answer, MessageState.ACCEPTED) | {"accepted_at": now}


def _end(tour: Tour, message: Message, token: str, answer: Accepted | Rejected | Deferred, state: MessageState, **more: Any) -> Result:
    return _result(tour.move(message.id, token, **_ended(answer, state) | more), Result(state.value, is_answered=True))


def _ended(answer: Accepted | Rejected | Deferred, state: MessageState) -> dict[str, Any]:
    return {"state": state, "last_code": answer.code, "last_text": answer.text, "raw": None, "reason": ""} | unleased()


def _put_off(tour: Tour, message: Message, token: str, answer: Deferred) -> Result:
    trouble = answer.text if answer.is_of_server else ""
    if tour.now - (message.mail_at or tour.now) >= tour.pace.give_up:
        given_up = _end(tour, message, token, answer, MessageState.REJECTED, reason=f"gave up after {tour.pace.give_up_hours} hours")
        return replace(given_up, is_answered=not trouble, trouble=trouble)
    values = {"state": MessageState.DEFERRED, "last_code": answer.code, "last_text": answer.text, "reason": f"put off at {answer.phase}"}
    return _result(tour.move(message.id, token, **values, **_later(tour, message), **unleased()), Result("deferred", is_answered=not trouble, trouble=trouble))


def _reject(tour: Tour, message: Message, token: str, answer: Rejected) -> Result:
    alarm = our_fault(answer) or ""
    if is_dead_address(answer):
        suppress_dead_address(tour, message)
    result = _end(tour, message, token, answer, MessageState.REJECTED, reason="ours to mend" if alarm else f"refused at {answer.phase}")
    return replace(result, alarm=alarm)


def _doubt(tour: Tour, message: Message, token: str, answer: InDoubt) -> Result:
    """A touch waits for a person. What sales needs goes again with the same bytes: twice is better than never."""
    if message.kind is not MessageKind.TOUCH and message.attempt <= tour.pace.identical_resends:
        again = {"state": MessageState.DEFERRED, "reason": "in doubt: goes again, the same"} | _later(tour, message)
        return _result(tour.move(message.id, token, last_text=answer.text, **again, **unleased()), Result("deferred", trouble=answer.text))
    doubt = {"state": MessageState.IN_DOUBT, "in_doubt_at": tour.now, "last_text": answer.text, "reason": "no answer to the final dot"}
    return _result(tour.move(message.id, token, **doubt, **unleased()), Result("in_doubt", trouble=answer.text))


def _later(tour: Tour, message: Message) -> dict[str, Any]:
    return due_again(message, tour.now + tour.pace.retry_after(message.attempt))


def _result(moved: bool, result: Result) -> Result:
    return result if moved else replace(result, word="lost_lease")
