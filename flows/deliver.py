"""Deliver: hand over every message whose hour has come, after a last look at suppression."""

from datetime import datetime

from flows.shape import BatchSize, Instant, batch_task, run_batches, sweep_flow, take
from ripeline.values import Tally


@batch_task()
def deliver_batch(first_id: int, last_id: int, version: str, now: datetime, dry_run: bool) -> Tally:
    """Deliver the due messages of the leads between two ids, both included, each claimed before it is sent."""
    return take("deliver", first_id, last_id, version, now, dry_run)


@sweep_flow
def deliver(now: Instant | None = None, batch_size: BatchSize = 20_000, dry_run: bool = False) -> Tally:
    """Deliver every message that is due and still allowed.

    Never retried by Prefect, which cannot know how far a mail had come: the message's own state does, and the next run reads it.
    No concurrency limit either, since a lost slot of a killed run would hold all mail: two runs share the work by claims.

    Requires: PREFECT_API_URL, RIPELINE_DATABASE_URL, an applied playbook, a sender (RIPELINE_SENDER_ADDRESS) and a channel.
    """
    return run_batches("deliver", deliver_batch, now, batch_size, dry_run)
