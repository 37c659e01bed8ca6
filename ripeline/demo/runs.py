"""What Prefect knows of the flow runs, kept as a file: its server's own records end with it."""

import csv
from collections.abc import Iterator
from pathlib import Path

from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.sorting import FlowRunSort

A_PAGE = 200


def keep_runs(file: Path) -> None:
    """Write every flow run of the server in use as CSV, in the order in which they started: its name, its state, when it started, how many seconds it ran."""
    with file.open("w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["name", "state", "started_at", "seconds"])
        for run in _runs():
            started = run.start_time.isoformat(timespec="milliseconds") if run.start_time else ""
            rows.writerow([run.name, run.state_name, started, f"{run.total_run_time.total_seconds():.3f}"])


def _runs() -> Iterator[FlowRun]:
    with get_client(sync_client=True) as client:
        page, offset = client.read_flow_runs(sort=FlowRunSort.START_TIME_ASC, limit=A_PAGE), 0
        while page:
            yield from page
            offset += len(page)
            page = client.read_flow_runs(sort=FlowRunSort.START_TIME_ASC, limit=A_PAGE, offset=offset)
