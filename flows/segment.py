"""Segment: the stage each rescored lead stands in, and the track it goes through."""

from datetime import datetime

from flows.runner import AT_ONCE
from flows.shape import BatchSize, Instant, batch_task, run_batches, sweep_flow, take
from flows.telling import nudge
from ripeline.values import Tally


@batch_task(retries=2)
def segment_batch(first_id: int, last_id: int, version: str, now: datetime, dry_run: bool) -> Tally:
    """Segment the due leads between two ids, both included, in one transaction."""
    return take("segment", first_id, last_id, version, now, dry_run)


@sweep_flow
def segment(now: Instant | None = None, batch_size: BatchSize = 20_000, dry_run: bool = False) -> Tally:
    """Move every lead with a new score, or whose stay in a stage ends by now, to its stage and track.

    Nudged by the event of `rescore`, and due by its own schedule as well, since a nudge may be lost. Ends with one event that
    nudges `schedule`.

    Requires: PREFECT_API_URL, RIPELINE_DATABASE_URL, an applied playbook.
    """
    total = run_batches("segment", segment_batch, now, batch_size, dry_run, AT_ONCE)
    nudge("segment", "ripeline.segmented", total, dry_run)
    return total
