"""Handoff: leads that are ready go to a rep, with a card that says why and an invite to talk."""

from datetime import datetime

from flows.shape import BatchSize, Instant, batch_task, run_batches, sweep_flow, take
from ripeline.values import Tally


@batch_task()
def handoff_batch(first_id: int, last_id: int, version: str, now: datetime, dry_run: bool) -> Tally:
    """Hand over the leads between two ids, both included, that crossed the threshold, in one transaction."""
    return take("handoff", first_id, last_id, version, now, dry_run)


@sweep_flow
def handoff(now: Instant | None = None, batch_size: BatchSize = 20_000, dry_run: bool = False) -> Tally:
    """Hand every lead at or above the threshold to a rep, once, and plan the card and the invite as messages.

    Sends nothing itself: `deliver` is the one door out. Not retried: it is due again in a few minutes and finds what is left.

    Requires: PREFECT_API_URL, RIPELINE_DATABASE_URL, an applied playbook.
    """
    return run_batches("handoff", handoff_batch, now, batch_size, dry_run)
