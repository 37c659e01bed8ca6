"""A rep's answer, taken at once: recorded as an event like any other, then acted on."""

from datetime import datetime

from sqlmodel import Session

from models import Handoff, HandoffState
from ripeline.playbook.playbook import Playbook
from ripeline.settings import Settings
from ripeline.sweep.handoff.handing import handoff
from ripeline.sweep.ingest.record import NewEvent, record_events
from ripeline.values import Refusal, Tally

ASK = "`ripeline handoffs` lists them"


def take_verdict(
    session: Session, handoff_id: int, *, accepted: bool, reason: str = "", source: str, playbook: Playbook, now: datetime, settings: Settings | None = None
) -> Tally:
    """Record that a rep accepts or rejects a handoff and bring the lead's handoffs up to `now`; commits; return the sweep's counts.

    `source` says where the answer came in. Unknown, waiting and closed handoffs, and a rejection without a reason, raise Refusal.
    """
    found = session.get(Handoff, handoff_id)
    if found is None:
        raise Refusal(f"no handoff {handoff_id}: {ASK}")
    if found.closed_at is not None:
        raise Refusal(f"handoff {handoff_id} was {found.state.value} on {found.closed_at:%Y-%m-%d}: {ASK}, open ones with --open")
    if found.state is HandoffState.WAITING:
        raise Refusal(f"handoff {handoff_id} waits for a rep ({found.because}): make room in playbook/handoff.toml, or wait for the next run of `handoff`")
    if not accepted and not reason.strip():
        raise Refusal(f"handoff {handoff_id} is rejected without a reason: say --reason, it helps marketing to send better leads")
    kind = "handoff_accepted" if accepted else "handoff_rejected"
    properties = {"form": str(handoff_id)} | ({"reason": reason.strip()} if reason.strip() else {})
    record_events(session, [NewEvent(found.lead_id, kind, now, source, f"handoff:{handoff_id}", properties)], now)
    return handoff(session, range(found.lead_id, found.lead_id + 1), playbook, now=now, settings=settings)
