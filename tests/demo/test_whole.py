"""The demonstration, small: a real Prefect server, real flows, a real mail server, and nothing left behind."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest
from waiting import PATIENCE, ends, started

from ripeline.settings import CLONE
from ripeline.standing.child import descendants

DEMO = (sys.executable, "-c", "from ripeline.cli.main import main; main()", "demo", "--leads", "20", "--days", "1")


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="asks Linux whether processes have ended")
def test_it_plays_a_day_as_flow_runs_reports_and_leaves_nothing_running(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("RIPELINE_", "PREFECT_"))}
    with started(*DEMO, "--folder", str(tmp_path / "demo"), cwd=CLONE, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as demo:
        line = next(line for line in demo.stderr if b"flow runs" in line)
        family = descendants([demo.pid])
        report, _ = demo.communicate(timeout=PATIENCE)

    with (tmp_path / "demo" / "log" / "flow-runs.csv").open(encoding="utf-8", newline="") as told:
        runs = [*csv.DictReader(told)]
    assert demo.returncode == 0
    assert b"29 flow runs" in line
    assert [run["state"] for run in runs] == ["Completed"] * 29
    assert b"ripeline explain" in report
    assert (tmp_path / "demo" / "report.html").is_file()
    assert family, "a Prefect server of its own was running"
    assert all(ends(pid) for pid in family)
