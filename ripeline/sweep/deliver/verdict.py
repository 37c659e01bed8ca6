"""May this message go now? The first reason that stands against it, in the order of what lasts longest."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from models import ConsentState, HandoffState, MeetingState, Message, MessageKind, MessageState
from ripeline.sweep.deliver.case import Case, Standing

PAUSE = timedelta(days=1)
"""After so long a paused message is looked at again."""

CANCELLATION = "handoff/cancel"
"""Templates that begin with this take a meeting back."""

NEEDS_CONSENT = (MessageKind.TOUCH, MessageKind.INVITE)

_WITHOUT = {None: "no consent", ConsentState.WITHDRAWN: "consent withdrawn", ConsentState.PENDING: "consent not confirmed"}


@dataclass(frozen=True)
class Ended:
    """It will not go: `state` is suppressed or cancelled, `reason` says why. `variant`: the way on it leads to; None: as it was."""

    state: MessageState
    reason: str
    variant: str | None = None


@dataclass(frozen=True)
class PutOff:
    """It may go later: not before `until`."""

    until: datetime
    reason: str


def barred_because(message: Message, standing: Standing) -> Ended | None:
    """Return what forbids writing to this person at all, or None. Asked again right before the final dot."""
    if standing.is_erased:
        return Ended(MessageState.SUPPRESSED, "erased")
    if standing.suppressed is not None:
        return Ended(MessageState.SUPPRESSED, standing.suppressed.value)
    if message.recipient == "lead" and message.kind in NEEDS_CONSENT and standing.consent is not ConsentState.GIVEN:
        return Ended(MessageState.SUPPRESSED, _WITHOUT[standing.consent])
    if message.kind is MessageKind.CONFIRM and standing.consent is not ConsentState.PENDING:
        return Ended(MessageState.CANCELLED, "nothing waits to be confirmed")
    return None


def ended_because(case: Case, now: datetime) -> Ended | None:
    """Return why this message has lost its purpose, or None."""
    message = case.message
    if message.expires_at is not None and message.expires_at <= now:
        return Ended(MessageState.CANCELLED, "expired")
    if case.enrolment is not None and case.enrolment.ended_at is not None:
        return Ended(MessageState.CANCELLED, f"left the track: {case.enrolment.ended_because or 'enrolment ended'}")
    return _overtaken_because(case)


def _overtaken_because(case: Case) -> Ended | None:
    """Return why what sales planned is of no use any more, or None. A cancellation is: that is when it is needed."""
    if case.meeting is not None and _revision(case.message) != case.meeting.sequence:
        return Ended(MessageState.CANCELLED, "the meeting was changed")
    if case.message.template.startswith(CANCELLATION):
        return None
    if case.withheld is not None:
        return Ended(MessageState.CANCELLED, f"the lead {case.withheld}")
    if case.handoff is not None and case.handoff.state in (HandoffState.REJECTED, HandoffState.WITHDRAWN):
        return Ended(MessageState.CANCELLED, f"the handoff is {case.handoff.state.value}")
    if case.meeting is not None and case.meeting.state in (MeetingState.DECLINED, MeetingState.CANCELLED):
        return Ended(MessageState.CANCELLED, f"the meeting is {case.meeting.state.value}")
    return None


def _revision(message: Message) -> int:
    """Return the revision of its meeting that a message was planned for: its key ends with it."""
    return int(message.key.rpartition(":")[2])


def paused_because(case: Case, now: datetime) -> PutOff | None:
    """Return why a touch rests for now, or None: whoever is with sales, or on hold, gets no nurture mail."""
    if case.message.kind is not MessageKind.TOUCH:
        return None
    if case.is_handed_off:
        return PutOff(now + PAUSE, "an open handoff pauses touches")
    if case.lead.is_on_hold:
        return PutOff(now + PAUSE, "on hold")
    return None
