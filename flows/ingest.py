"""Ingest: what the world said since last time, from the inbox folder into leads, events, consents and suppressions."""

from datetime import datetime

from flows.shape import BatchSize, Instant, batch_task, run_batches, sweep_flow, take
from ripeline.values import Tally


@batch_task()
def ingest_batch(first_id: int, last_id: int, version: str, now: datetime, dry_run: bool) -> Tally:
    """Take in what waits in the inbox and the parking lot; the ids are those of one batch, since files know no lead ids."""
    return take("ingest", first_id, last_id, version, now, dry_run)


@sweep_flow
def ingest(now: Instant | None = None, batch_size: BatchSize = 20_000, dry_run: bool = False) -> Tally:
    """Take in every file that waits in the inbox, and attach parked events whose lead has come.

    Not retried: the next run finds what this one left, and a file that cannot be read stays as it is until a person looks.

    Requires: PREFECT_API_URL, RIPELINE_DATABASE_URL, an applied playbook.
    """
    return run_batches("ingest", ingest_batch, now, batch_size, dry_run)
