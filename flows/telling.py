"""What a flow tells Prefect: one Markdown and one table artifact when something happened, and the nudge. Counts, never people."""

from collections.abc import Sequence
from datetime import datetime

from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.events import emit_event

from ripeline.values import Tally


def tell(sweep: str, done: Sequence[tuple[range, Tally]], total: Tally, now: datetime, dry_run: bool) -> None:
    """Leave the counts of a run as artifacts, where there are any."""
    if not any(total.counts.values()):
        return
    rows = "\n".join(f"| {word.replace('_', ' ')} | {count:,} |" for word, count in total.counts.items())
    head = f"## {sweep}, as of {now:%Y-%m-%d %H:%M} UTC{' (dry run: nothing was kept)' if dry_run else ''}"
    create_markdown_artifact(f"{head}\n\n| outcome | count |\n|---|---:|\n{rows}\n", key=f"ripeline-{sweep}")
    create_table_artifact([{"first id": ids.start, "last id": ids.stop - 1, **tally.counts} for ids, tally in done], key=f"ripeline-{sweep}-batches")


def nudge(sweep: str, event: str, total: Tally, dry_run: bool) -> None:
    """Emit one event for the whole run, where it changed anything, so that the next sweep need not wait for its schedule."""
    if any(total.counts.values()) and not dry_run:
        emit_event(event, resource={"prefect.resource.id": f"ripeline.sweep.{sweep}", "prefect.resource.name": sweep}, payload=dict(total.counts))
