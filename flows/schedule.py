"""Schedule: the next touch of every open enrolment, at the lead's own local hour."""

from datetime import datetime

from flows.runner import AT_ONCE
from flows.shape import BatchSize, Instant, batch_task, run_batches, sweep_flow, take
from ripeline.values import Tally


@batch_task(retries=2)
def schedule_batch(first_id: int, last_id: int, version: str, now: datetime, dry_run: bool) -> Tally:
    """Plan the next touches of the leads between two ids, both included, in one transaction."""
    return take("schedule", first_id, last_id, version, now, dry_run)


@sweep_flow
def schedule(now: Instant | None = None, batch_size: BatchSize = 20_000, dry_run: bool = False) -> Tally:
    """Plan the next touch of every enrolment that has none waiting.

    Plans early and sends nothing: a message carries its own instant, and `deliver` finds it then. Nudged by the event of
    `segment`, and due by its own schedule as well.

    Requires: PREFECT_API_URL, RIPELINE_DATABASE_URL, an applied playbook.
    """
    return run_batches("schedule", schedule_batch, now, batch_size, dry_run, AT_ONCE)
