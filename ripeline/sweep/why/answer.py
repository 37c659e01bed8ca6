"""What `why` answers."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

Outcome = Literal["goes", "stopped", "done", "nothing"]


@dataclass(frozen=True)
class Slot:
    """An instant and how it came about: by which rule, on whose wall, in which zone, by which zone database.

    resolution: normal, gap or ambiguous. put_off: by which cap, from when; empty: by none. passed: local dates left out since the wait was over, and why.
    """

    due_at: datetime
    local_at: str
    zone: str
    zone_source: str
    resolution: str
    zone_database: str
    rule: str
    put_off: str = ""
    passed: tuple[tuple[date, str], ...] = ()


@dataclass(frozen=True)
class Ahead:
    """A touch that is still to come, about when, if all goes as planned and nobody answers."""

    track: str
    touch: str
    due_at: datetime
    local_at: str
    zone: str


@dataclass(frozen=True)
class Kept:
    """A track that would have the lead, what keeps it, and when that may be over; None: nobody knows."""

    track: str
    because: str
    at: datetime | None


@dataclass(frozen=True)
class Why:
    """The answer. goes: `slot` is when. stopped: `because` is the first reason, `earliest` when it could go, None: not before that changes.

    done: it had its turn, `because` says how. nothing: the lead is in no track, or its track has nothing left.
    """

    lead_id: int
    outcome: Outcome
    because: str
    track: str | None = None
    version: str | None = None
    touch: str | None = None
    state: str | None = None
    slot: Slot | None = None
    earliest: datetime | None = None
    ahead: tuple[Ahead, ...] = ()
    kept: tuple[Kept, ...] = ()
