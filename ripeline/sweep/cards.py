"""The cards in use: the live one, and the one in shadow beside it, whose scores nobody acts on."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from models import Role
from ripeline.playbook.coverage import covered
from ripeline.playbook.playbook import Playbook
from ripeline.playbook.shadow import shadow_playbook
from ripeline.sweep.coverage import measured
from ripeline.sweep.news import leads_due, leads_left_in
from ripeline.sweep.scoring import scoring_of


@dataclass(frozen=True)
class CardInUse:
    """A role, and the playbook whose card fills it; None: no card does, and scores that are left in it go."""

    role: Role
    playbook: Playbook | None

    def leads_due(self, now: datetime, *, full: bool) -> sa.Select[Any]:
        """Return a query for `id` and `is_unwanted`, in order, of the leads whose score by this card is to be made or withheld."""
        if self.playbook is None:
            return leads_left_in(self.role)
        return leads_due(scoring_of(self.playbook).version, now, full=full, role=self.role)


def cards_in_use(engine: sa.Engine, live: Playbook, now: datetime, *, dry_run: bool = False) -> tuple[CardInUse, CardInUse]:
    """Return both, the live one first, each without the rules that were thin at `now`. Reads on a connection of its own: no transaction begins early.

    A dry run looks at the whole base itself: what the look before it found was not kept.
    """
    thinned = partial(measured, keeps=False) if dry_run else covered
    with engine.execution_options(writes=False).connect() as connection, Session(bind=connection) as session:
        shadow = shadow_playbook(session)
        return CardInUse(Role.LIVE, thinned(session, live, now)), CardInUse(Role.SHADOW, thinned(session, shadow, now) if shadow else None)


def cards_measured(session: Session, live: Playbook, now: datetime) -> tuple[CardInUse, CardInUse]:
    """Return both after a look at the whole base: rules that too few leads have anything for are left out from now on. Commits nothing."""
    shadow = shadow_playbook(session)
    return CardInUse(Role.LIVE, measured(session, live, now)), CardInUse(Role.SHADOW, measured(session, shadow, now) if shadow else None)
