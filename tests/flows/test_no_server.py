"""Without a Prefect server a flow refuses; it never starts one of its own (RELIABILITY B9)."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from waiting import PATIENCE

from ripeline.settings import CLONE


def _python(code: str, home: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    environment = inherited | {"PREFECT_HOME": str(home), "PYTHONPATH": str(CLONE)}
    return subprocess.run([sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False)


def test_a_flow_without_a_server_refuses_with_a_sentence_and_starts_none(tmp_path: Path) -> None:
    done = _python("from flows.deliver import deliver; deliver()", tmp_path / "prefect", tmp_path)

    assert done.returncode != 0
    assert "the flow 'deliver' needs a Prefect server and PREFECT_API_URL is not set" in done.stderr
    assert "`ripeline run deliver`" in done.stderr
    assert not list((tmp_path / "prefect").rglob("prefect.db*"))


def test_prefect_itself_starts_no_hidden_server_in_the_projects_folder(tmp_path: Path) -> None:
    """A flow run that bypasses our refusal, such as Prefect's own engine, meets prefect.toml."""
    asked = "from prefect.settings import PREFECT_SERVER_EPHEMERAL_ENABLED as it; print(it.value())"

    done = _python(asked, tmp_path / "prefect", CLONE)

    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("command", ["run", "--help"])
def test_the_command_line_runs_sweeps_without_prefect(command: str, tmp_path: Path) -> None:
    code = f"import sys; from ripeline.cli.main import app; app(['{command}', '--help'], standalone_mode=False); print('prefect' in sys.modules)"

    done = _python(code, tmp_path / "prefect", tmp_path)

    assert done.stdout.strip().endswith("False"), done.stderr
