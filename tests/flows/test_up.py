"""`ripeline up` keeps everything running, and leaves nothing running."""

import os
import re
import signal
import subprocess
import sys
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO

import httpx
import pytest
from waiting import PATIENCE, ends, started

from ripeline.settings import CLONE, Settings
from ripeline.standing.child import Child, descendants
from ripeline.standing.prefect_server import answers
from ripeline.standing.up import look_after, surroundings
from ripeline.values import Refusal

UP = ("-c", "from ripeline.cli.main import main; main()", "up")


def _start(var: Path) -> "AbstractContextManager[subprocess.Popen[str]]":
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("RIPELINE_", "PREFECT_"))} | {"RIPELINE_VAR": str(var)}
    return started(sys.executable, *UP, cwd=CLONE, env=environment, stderr=subprocess.PIPE, text=True)


def _until(said: IO[str], words: str) -> str:
    """Return what was said up to a line with these words."""
    lines = []
    for line in said:
        lines.append(line)
        if words in line:
            return "".join(lines)
    raise AssertionError(f"it ended before saying '{words}':\n{''.join(lines)}")


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="asks Linux whether processes have ended")
def test_everything_comes_up_and_ctrl_c_leaves_no_orphan(tmp_path: Path) -> None:
    with _start(tmp_path / "var") as up:
        told = _until(up.stderr, "everything is up")
        family = descendants([up.pid])
        ports = {name: int(port) for name, port in re.findall(r"^(\w+)\s+http://127\.0\.0\.1:(\d+)", told, re.M)}
        deployed = httpx.post(f"http://127.0.0.1:{ports['flows']}/api/deployments/filter", json={}).json()

        assert answers(ports["web"], "/healthz")
        assert len(deployed) == 6
        assert len(family) >= 4

        up.send_signal(signal.SIGINT)

        _, last_words = up.communicate(timeout=PATIENCE)
    assert "stopping" in last_words
    assert up.returncode == 0
    assert all(ends(pid) for pid in family)


def test_a_part_that_ends_by_itself_is_named_with_the_end_of_its_log(tmp_path: Path) -> None:
    with Child("mail sink", [sys.executable, "-c", "print('port 8325 is taken')"], tmp_path / "mail-sink.log", os.environ) as sink:
        sink.wait(PATIENCE)

        with pytest.raises(Refusal, match=r"the mail sink ended by itself(.|\n)*mail-sink.log:\nport 8325 is taken"):
            look_after([sink])


def test_mail_goes_to_our_sink_until_a_channel_is_chosen(settings: Settings) -> None:
    fresh = Settings(_env_file=None, var=settings.var_folder)  # type: ignore[call-arg]
    chosen = Settings(_env_file=None, var=settings.var_folder, channel="maildir")  # type: ignore[call-arg]

    assert surroundings(fresh, 8300, 8325)["RIPELINE_SMTP_SINK"] == "true"
    assert "RIPELINE_CHANNEL" not in surroundings(chosen, 8300, 8325)


def test_all_parts_agree_on_the_database_and_on_where_the_world_reaches_them(settings: Settings) -> None:
    fresh = Settings(_env_file=None, var=settings.var_folder)  # type: ignore[call-arg]

    assert surroundings(fresh, 8301, 8325)["RIPELINE_BASE_URL"] == "http://127.0.0.1:8301"
    assert surroundings(fresh, 8301, 8325)["RIPELINE_DATABASE_URL"] == fresh.url
    assert "RIPELINE_BASE_URL" not in surroundings(settings, 8301, 8325)
