"""Rescore: new totals and reasons for the leads whose facts, card or calendar moved."""

from datetime import datetime

from flows.runner import AT_ONCE
from flows.shape import BatchSize, Instant, batch_task, run_batches, sweep_flow, take
from flows.telling import nudge
from ripeline.values import Tally


@batch_task(retries=2)
def rescore_batch(first_id: int, last_id: int, version: str, now: datetime, dry_run: bool) -> Tally:
    """Rescore the due leads between two ids, both included, in one transaction."""
    return take("rescore", first_id, last_id, version, now, dry_run)


@sweep_flow
def rescore(now: Instant | None = None, batch_size: BatchSize = 20_000, dry_run: bool = False) -> Tally:
    """Rescore every lead with news, or whose points cross a boundary by now.

    Batches by id range, because a task costs 15 ms and a lead must cost microseconds. Ends with one event, whatever the number
    of leads, that nudges `segment`.

    Requires: PREFECT_API_URL, RIPELINE_DATABASE_URL, an applied playbook.
    """
    total = run_batches("rescore", rescore_batch, now, batch_size, dry_run, AT_ONCE)
    nudge("rescore", "ripeline.rescored", total, dry_run)
    return total
