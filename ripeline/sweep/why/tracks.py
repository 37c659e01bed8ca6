"""Which tracks would have a lead, and what keeps each: asked of the segment sweep's own rules."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import polars as pl
from sqlmodel import Session, col

from models import Lead
from ripeline.decide.segment import TrackBook, leaving
from ripeline.playbook.playbook import Playbook
from ripeline.sweep.segment.gather import Found, gather
from ripeline.sweep.segment.judge import Verdict, judge
from ripeline.sweep.segment.rules import Rules, rules_of
from ripeline.sweep.why.answer import Kept

NOT_RUN = "not entered yet: run `ripeline run segment`"


@dataclass(frozen=True)
class Standing:
    """How the lead stands with every track of the live playbook.

    running: its open enrolments' tracks by group, as they are called today, with True where all was sent.
    """

    found: Found
    verdict: Verdict
    rules: Rules
    running: Mapping[str, tuple[str, bool]]

    def enters_because(self, name: str) -> str:
        """Return the condition of a track's entrance and whether it holds."""
        book = self.rules.tracks[name]
        return f"{book.enter.text} {'holds' if self._holds(book.enter.holds) else 'does not hold'}"

    def barred_because(self) -> str | None:
        """Return why the lead may be in no track at all; None: it may."""
        found: str | None = self.verdict.leads.item(0, "barred")
        return found

    def kept(self, now: datetime, spent: Mapping[str, datetime]) -> Iterator[Kept]:
        """Yield the tracks that would have the lead and what keeps each. spent: when a running track will have sent all, by its name."""
        if self.barred_because() is not None:
            return
        for name, book in sorted(self.rules.tracks.items(), key=lambda each: (-each[1].track.priority, each[0])):
            if self._holds(book.will_have) and self.running.get(book.track.group, ("", False))[0] != name:
                yield self._kept(name, book, now, spent)

    def _kept(self, name: str, book: TrackBook, now: datetime, spent: Mapping[str, datetime]) -> Kept:
        if self.verdict.leads["is_handed_off"].item():
            return Kept(name, "sales has the lead", None)
        left = self.found.left.filter(track=name)["ended_at"].max()
        if isinstance(left, datetime):
            again = book.track.enter.again
            if again is None:
                return Kept(name, "entered once, and never again", None)
            if left + again > now:
                return Kept(name, f"left on {left:%Y-%m-%d}, and open again later", left + again)
        other, is_spent = self.running.get(book.track.group, ("", True))
        if not is_spent:
            return Kept(name, f"waits for '{other}' to end or to have sent all: one track of group '{book.track.group}' at a time", spent.get(other))
        chosen = self.verdict.entered.filter(group=book.track.group)["track"].to_list()
        if chosen and chosen[0] != name:
            return Kept(name, f"'{chosen[0]}' goes first by its priority", None)
        return Kept(name, NOT_RUN, now)

    def leaves_because(self, version: str, name: str) -> str | None:
        """Return why the lead leaves this running track with the next run of `segment`; None: it stays."""
        found: str | None = self.verdict.leads.select(leaving(self.found.pinned[version, name])).item()
        return found

    def _holds(self, condition: pl.Expr) -> bool:
        return bool(self.verdict.leads.select(condition).item())


def standing_of(session: Session, lead_id: int, playbook: Playbook, now: datetime) -> Standing | None:
    """Return how a lead stands with the tracks; None where it was erased."""
    rules = rules_of(playbook)
    found = gather(session, range(lead_id, lead_id + 1), rules, now, col(Lead.id) == lead_id)
    if found.leads.is_empty():
        return None
    running = {group: (track, is_spent) for group, track, is_spent in found.running.select("group", "called", "is_exhausted").iter_rows()}
    return Standing(found, judge(found, rules, now), rules, running)
