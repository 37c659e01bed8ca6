"""What one call of `deliver` carries along, and the one way in which it writes to a message."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from models import Message
from ripeline.connect.channels import Channel
from ripeline.database import database_now
from ripeline.playbook.playbook import Playbook
from ripeline.settings import Settings
from ripeline.sweep.deliver.pace import Pace


@dataclass(frozen=True)
class Tour:
    """One pass over due messages: what it judges by, and what it sends through."""

    session: Session
    playbook: Playbook
    now: datetime
    settings: Settings
    pace: Pace
    channel: Channel
    worker: str

    def move(self, message_id: UUID, token: str, **values: Any) -> bool:
        """Change a message that this lease still holds and commit; return False, having changed nothing, where it was taken over.

        Every write of a worker goes through here: a worker that was too slow can do no harm.
        """
        held = sa.update(Message).where(col(Message.id) == message_id, col(Message.lease_token) == token)
        result = self.session.execute(held.values(values).execution_options(synchronize_session=False))
        self.session.commit()
        return bool(result.rowcount == 1)  # type: ignore[attr-defined]

    def lease_until(self) -> datetime:
        """Return until when a lease holds that is given now, by the database's own clock."""
        return database_now(self.session) + self.pace.lease


def unleased() -> dict[str, Any]:
    """Return the values that let go of a message."""
    return {"lease_token": None, "lease_until": None, "worker": None, "phase": ""}
