"""One message on its way: looked at, written, handed over, with a commit at each step that a crash must not blur (RELIABILITY I1-I7)."""

import hashlib
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from models import MessageState
from ripeline.connect.channels import Mail, Withdrawn
from ripeline.letter.headers import ascii_domain
from ripeline.return_path import return_path
from ripeline.sweep.deliver.case import Case, gather, standing_of
from ripeline.sweep.deliver.compose import Written, write
from ripeline.sweep.deliver.moment import in_hours, put_off_because
from ripeline.sweep.deliver.purpose import astray_because, held_out_because
from ripeline.sweep.deliver.record import Result, record
from ripeline.sweep.deliver.sender import sender_of
from ripeline.sweep.deliver.tour import Tour, due_again, unleased
from ripeline.sweep.deliver.verdict import Ended, PutOff, barred_because, ended_because, paused_because
from ripeline.sweep.failpoint import reach
from ripeline.values import Refusal

LOST = Result("lost_lease")


@dataclass(frozen=True)
class Submission:
    """A message in state submitting: its case, its bytes, and to whom they go."""

    case: Case
    token: str
    mail: Mail


def submit(tour: Tour, message_id: UUID, token: str) -> Result:
    """Send one claimed message, or not; return what became of it. Every end is committed."""
    ready = prepare(tour, message_id, token)
    if isinstance(ready, Result):
        return ready
    reach("K4")
    last_look = LastLook(tour, ready)
    outcome = tour.channel.submit(ready.mail, last_look)
    reach("K8")
    result = last_look.result if isinstance(outcome, Withdrawn) else record(tour, ready.case.message, ready.token, outcome)
    reach("K9")
    return result


def judge(tour: Tour, case: Case) -> Ended | PutOff | None:
    """Return why a message may not go now, or None where it may. One to a lead is put off until an hour at which it may go."""
    found = (
        barred_because(case.message, case.standing)
        or ended_because(case, tour.now)
        or paused_because(case, tour.now)
        or astray_because(tour, case)
        or put_off_because(tour, case)
        or held_out_because(case)
    )
    return in_hours(tour, case, found)


def prepare(tour: Tour, message_id: UUID, token: str) -> Submission | Result:
    """Judge and write a message and move it to submitting, in one transaction; the bytes of an earlier submission are kept."""
    case = gather(tour.session, tour.question(message_id, token))
    if case is None:
        tour.session.rollback()
        return LOST
    decided = decide(tour, case)
    if not isinstance(decided, Written):
        return stop(tour, case, token, decided)
    reach("K3")
    if not tour.move(message_id, token, **_submitting(tour, case, decided)):
        return LOST
    return Submission(case, token, mail_of(tour, case, decided))


def decide(tour: Tour, case: Case) -> Written | Ended | PutOff:
    """Return the letter of a message that may go now, or why it does not."""
    try:
        return judge(tour, case) or write(tour, case)
    except Refusal as error:  # of this message: the others go on
        return Ended(MessageState.REJECTED, f"render: {error}")


def mail_of(tour: Tour, case: Case, written: Written) -> Mail:
    """Return a letter as a channel takes it."""
    return Mail(_envelope_sender(tour, case.message.id), written.recipient, case.message.mail_id, written.raw)


def _envelope_sender(tour: Tour, message_id: UUID) -> str:
    """Return whom the envelope names, the same at every attempt: the message's own address for bounces, or the sender of all."""
    return return_path(tour.settings, message_id, ascii_domain(sender_of(tour.settings, is_sink=tour.channel.is_sink).address))


def _submitting(tour: Tour, case: Case, written: Written) -> dict[str, Any]:
    consent_id = case.standing.consent_id if case.is_to_lead else None
    again = {"state": MessageState.SUBMITTING, "phase": "pre_dot", "lease_until": tour.lease_until(), "consent_id": consent_id}
    if case.message.raw is not None:
        return again
    return again | {
        "template": case.message.template,
        "raw": written.raw,
        "raw_sha256": hashlib.sha256(written.raw).hexdigest(),
        "mail_at": tour.now,
        "subject": written.subject,
        "locale": written.locale,
        "locale_because": written.locale_because,
    }


def stop(tour: Tour, case: Case, token: str, verdict: Ended | PutOff) -> Result:
    """Store why a claimed message does not go now; commit; return it as a result."""
    values = stopped(case, verdict)
    return Result(values["state"].value) if tour.move(case.message.id, token, **values) else LOST


def stopped(case: Case, verdict: Ended | PutOff) -> dict[str, Any]:
    """Return the values of a message that does not go now."""
    said = {"reason": verdict.reason} | unleased()
    if isinstance(verdict, PutOff):
        # Waiting for its hour is no attempt: the delays of real ones must not grow by it.
        return said | due_again(case.message, verdict.until) | {"state": MessageState.DEFERRED, "attempt": case.message.attempt - 1}
    return said | {"state": verdict.state, "raw": None} | ({"variant": verdict.variant} if verdict.variant else {})


class LastLook:
    """Asked when everything but the final dot is sent: may it still go? A yes is committed before the dot, as phase dot_pending."""

    def __init__(self, tour: Tour, submission: Submission) -> None:
        self._tour, self._submission = tour, submission
        self.result = LOST

    def __call__(self) -> bool:
        reach("K5")
        tour, message, token = self._tour, self._submission.case.message, self._submission.token
        standing = standing_of(tour.session, tour.question(message.id, token, MessageState.SUBMITTING))
        if standing is None:
            tour.session.rollback()
            return False
        if barred := barred_because(message, standing):
            self.result = stop(tour, self._submission.case, token, barred)
            return False
        moved = tour.move(message.id, token, phase="dot_pending", lease_until=tour.lease_until())
        reach("K6")
        return moved
