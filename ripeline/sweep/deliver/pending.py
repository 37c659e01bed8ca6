"""Messages of somebody who must not be written to any more."""

import sqlalchemy as sa
from sqlmodel import Session, col

from models import Message, MessageState
from ripeline.sweep.deliver.claim import READY


def suppress_pending(session: Session, lead_id: int, reason: str) -> int:
    """Suppress what waits for this lead and return how many messages that were; the caller commits.

    What a worker holds already is not touched: that worker looks at suppressions again before the final dot.
    """
    statement = (
        sa.update(Message)
        .where(col(Message.lead_id) == lead_id, col(Message.recipient) == "lead", col(Message.state).in_(READY))
        .values(state=MessageState.SUPPRESSED, reason=reason, raw=None)
        .execution_options(synchronize_session=False)
    )
    return int(session.execute(statement).rowcount)  # type: ignore[attr-defined]
