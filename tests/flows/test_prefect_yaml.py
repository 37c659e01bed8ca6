"""prefect.yaml puts six flows on a server, each with its schedule, and chains three of them by events."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from waiting import PATIENCE

from ripeline.settings import CLONE

FLOWS = ("deliver", "handoff", "ingest", "rescore", "schedule", "segment")
DEPLOYMENTS: list[dict[str, Any]] = yaml.safe_load((CLONE / "prefect.yaml").read_text())["deployments"]
NAMES = [each["entrypoint"].rsplit(":", 1)[1] for each in DEPLOYMENTS]


def test_every_flow_is_deployed_once() -> None:
    assert sorted(NAMES) == sorted(FLOWS)


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=NAMES)
def test_every_schedule_has_a_zone_and_a_slug(deployment: dict[str, Any]) -> None:
    assert deployment["schedules"]
    assert all(schedule["timezone"] == "UTC" and schedule["slug"] for schedule in deployment["schedules"])


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=NAMES)
def test_only_deliver_runs_beside_itself(deployment: dict[str, Any]) -> None:
    limit = deployment.get("concurrency_limit")

    assert limit == (None if "deliver" in deployment["entrypoint"] else {"limit": 1, "collision_strategy": "CANCEL_NEW"})


def test_no_machines_path_is_committed() -> None:
    text = (CLONE / "prefect.yaml").read_text()

    assert "directory:" not in text
    assert str(CLONE) not in text


@pytest.mark.parametrize("file", sorted((CLONE / "flows").glob("*.py")), ids=lambda file: file.stem)
def test_a_flow_file_shadows_no_module(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Prefect puts the folder of a flow file first on the path."""
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if Path(entry).name != "flows"])

    assert file.stem not in sys.stdlib_module_names
    assert file.stem == "__init__" or importlib.util.find_spec(file.stem) is None


@pytest.mark.parametrize("name", FLOWS)
def test_a_flow_file_fits_on_a_page(name: str) -> None:
    assert len((CLONE / "flows" / f"{name}.py").read_text().splitlines()) <= 60


@pytest.fixture(scope="module")
def deployed(prefect_server: str) -> str:
    """Give the API URL of a server on which prefect.yaml was deployed as an operator does it."""
    from prefect import get_client
    from prefect.client.schemas.actions import WorkPoolCreate
    from prefect.workers.process import ProcessWorker

    template = ProcessWorker.get_default_base_job_template()
    with get_client(sync_client=True) as client:
        client.create_work_pool(WorkPoolCreate(name="ripeline", type="process", base_job_template=template), overwrite=True)
    _deploy(prefect_server)
    return prefect_server


def test_deploying_puts_all_six_on_the_server(deployed: str) -> None:
    found = _asked(deployed, "deployments")

    assert sorted(each["entrypoint"] for each in found) == [f"flows/{name}.py:{name}" for name in FLOWS]


def test_deploying_again_doubles_nothing(deployed: str) -> None:
    _deploy(deployed)

    assert [len(each["schedules"]) for each in _asked(deployed, "deployments")] == [1] * len(FLOWS)
    assert len(_asked(deployed, "automations")) == 2


def test_rescore_nudges_segment_and_segment_nudges_schedule(deployed: str) -> None:
    chain = {(each["trigger"]["expect"][0], each["name"]) for each in _asked(deployed, "automations")}

    assert chain == {("ripeline.rescored", "segment after rescore"), ("ripeline.segmented", "schedule after segment")}


def test_a_schedule_makes_runs(deployed: str) -> None:
    """Prefect's server and its database layer must fit together: with SQLAlchemy 2.1, Prefect 3.8 stores no scheduled run, and says so only in its log."""
    import httpx

    deliver = next(each for each in _asked(deployed, "deployments") if each["entrypoint"].endswith(":deliver"))

    answer = httpx.post(f"{deployed}/deployments/{deliver['id']}/schedule", json={"min_runs": 1, "max_runs": 3})

    assert answer.is_success, f"the server cannot schedule runs: {answer.text}"
    runs = _asked(deployed, "flow_runs")
    assert [each["state_name"] for each in runs if each["deployment_id"] == deliver["id"]]


def _deploy(api_url: str) -> None:
    environment = os.environ | {"PREFECT_API_URL": api_url, "PREFECT_LOGGING_LEVEL": "ERROR"}
    command = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"]
    done = subprocess.run(command, cwd=CLONE, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def _asked(api_url: str, what: str) -> list[dict[str, Any]]:
    import httpx

    found: list[dict[str, Any]] = httpx.post(f"{api_url}/{what}/filter", json={}).raise_for_status().json()
    return found
