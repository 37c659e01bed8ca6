"""What one call of `deliver` carries along, and the one way in which it writes to a message."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from models import Message, MessageState
from ripeline.connect.channels import Channel
from ripeline.database import database_now
from ripeline.playbook.lineage import lineage_applied
from ripeline.playbook.playbook import Playbook
from ripeline.settings import Settings
from ripeline.sweep.deliver.case import Question
from ripeline.sweep.deliver.pace import Pace
from ripeline.sweep.suppressing import scope_of
from ripeline.zones import Zone, database_version, to_local, to_utc

if TYPE_CHECKING:
    from ripeline.decide.timing import Timing
    from ripeline.sweep.deliver.purpose import Purpose
    from ripeline.sweep.deliver.verdict import Ended, PutOff


@dataclass(frozen=True)
class Tour:
    """One pass over due messages: what it judges by, and what it sends through.

    `locales` remembers which each template has, `purposes` what each touch was found to be for, `heard` which touches went to whom of late, and
    when, where that was asked for many at once, `moments` how the hour stands for people who live alike.
    """

    session: Session
    playbook: Playbook
    now: datetime
    settings: Settings
    pace: Pace
    channel: Channel
    worker: str
    locales: dict[str, tuple[str, ...]] = field(default_factory=dict)
    purposes: "dict[UUID, Purpose]" = field(default_factory=dict)
    heard: dict[str, dict[UUID, datetime]] = field(default_factory=dict)
    moments: "dict[Hashable, tuple[Timing, Ended | PutOff | None]]" = field(default_factory=dict)

    def question(self, message_id: UUID, token: str | None = None, state: MessageState = MessageState.CLAIMED) -> Question:
        """Return the question about a message, under a lease or, where there is none, as a rehearsal asks it."""
        return Question(message_id, self.now, self.settings.key, token, state, self.renamed)

    @cached_property
    def renamed(self) -> tuple[tuple[str, str], ...]:
        """Return pairs of a suppression's scope and another name of the track that it stops."""
        return tuple((scope_of(one), other) for one, other in lineage_applied(self.session).same_tracks)

    def move(self, message_id: UUID, token: str, **values: Any) -> bool:
        """Change a message that this lease still holds and commit; return False, having changed nothing, where it was taken over.

        Every write of a worker goes through here: a worker that was too slow can do no harm.
        """
        given = {f"new_{name}": value for name, value in values.items()} | {"message_id": message_id, "token": token}
        result = self.session.execute(_update(frozenset(values)), given)
        self.session.commit()
        return bool(result.rowcount == 1)  # type: ignore[attr-defined]

    def move_all(self, token: str, moves: Iterable[tuple[UUID, Mapping[str, Any]]]) -> None:
        """Change messages that this lease holds, and that nobody can take from it until now, and commit once."""
        alike: dict[frozenset[str], list[dict[str, Any]]] = {}
        for message_id, values in moves:
            given = {f"new_{name}": value for name, value in values.items()} | {"message_id": message_id, "token": token}
            alike.setdefault(frozenset(values), []).append(given)
        for names, rows in alike.items():
            self.session.execute(_update(names), rows)
        self.session.commit()

    def lease_until(self) -> datetime:
        """Return until when a lease holds that is given now, by the database's own clock."""
        return database_now(self.session) + self.pace.lease


@cache
def _update(names: frozenset[str]) -> sa.Update:
    table: sa.Table = getattr(Message, "__table__")  # noqa: B009 (no checker knows that a table class has one)
    held = (table.c.id == sa.bindparam("message_id"), table.c.lease_token == sa.bindparam("token"))
    return table.update().where(*held).values({name: sa.bindparam(f"new_{name}", type_=table.c[name].type) for name in sorted(names)})


def due_again(message: Message, at: datetime) -> dict[str, Any]:
    """Return the values of a message that waits until `at`, or the full second after it: the instant, and what its zone's clock shows then."""
    zone, full = Zone(message.zone), at + timedelta(microseconds=-at.microsecond % 1_000_000)
    local_at = to_local(full, zone)
    shown = {"local_at": local_at.isoformat(), "resolution": to_utc(local_at, zone).resolution}
    return {"due_at": full, "zone_database": database_version(), **shown}


def unleased() -> dict[str, Any]:
    """Return the values that let go of a message."""
    return {"lease_token": None, "lease_until": None, "worker": None, "phase": ""}
