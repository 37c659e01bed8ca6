"""Child processes end when we do, and take with them whatever they started."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from waiting import PATIENCE, ends, started

from ripeline.settings import CLONE
from ripeline.standing.child import Child, descendants, stop_all
from ripeline.standing.prefect_server import answers, free_port
from ripeline.values import Refusal

WAITS = "import signal, sys; print('ready', flush=True); signal.pause()"
STUBBORN = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); print('ready', flush=True)\nwhile True: signal.pause()"
PARENT = """
import subprocess, sys, signal
child = subprocess.Popen([sys.executable, "-c", {code!r}], stdout=subprocess.PIPE, start_new_session=True)
child.stdout.readline()
print(child.pid, flush=True)
signal.pause()
"""


def _child(tmp_path: Path, code: str, name: str = "part") -> Child:
    return Child(name, [sys.executable, "-u", "-c", code], tmp_path / f"{name}.log", os.environ)


def _first_line(child: Child) -> str:
    """Return the first line a child prints, waiting for it."""
    with open(child.log) as log:
        while not (line := log.readline()).endswith("\n"):
            assert not child.has_ended(), child.last_words()
    return line.strip()


def test_a_child_ends_with_its_block(tmp_path: Path) -> None:
    with _child(tmp_path, WAITS) as child:
        _first_line(child)
        assert not child.has_ended()

    assert child.exit_code is not None


def test_a_child_that_ignores_ctrl_c_is_killed(tmp_path: Path) -> None:
    child = _child(tmp_path, STUBBORN)
    _first_line(child)

    stop_all([child], grace_seconds=0.1)

    assert child.exit_code == -signal.SIGKILL


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="asks Linux whether processes have ended")
def test_a_grandchild_in_a_session_of_its_own_is_no_orphan(tmp_path: Path) -> None:
    child = _child(tmp_path, PARENT.format(code=STUBBORN))
    grandchild = int(_first_line(child))
    assert grandchild in descendants([child.pid])

    stop_all([child], grace_seconds=0.1)

    assert ends(grandchild)


def test_its_words_are_in_its_log(tmp_path: Path) -> None:
    with _child(tmp_path, "print('no such setting')", "web process") as child:
        child.wait(PATIENCE)

    assert child.last_words() == "no such setting"


def test_a_program_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="cannot start the worker"):
        Child("worker", [str(tmp_path / "nothing")], tmp_path / "log", {})


def test_the_next_free_port_is_taken_where_somebody_listens() -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        wanted = taken.getsockname()[1]

        assert wanted < free_port(wanted) <= wanted + 49


def test_nobody_answers_where_nobody_listens() -> None:
    assert not answers(free_port(), "/healthz")


def test_sigterm_does_what_ctrl_c_does(tmp_path: Path) -> None:
    code = """
import signal, sys
from ripeline.standing.interruption import interruptible
try:
    with interruptible():
        print("ready", flush=True)
        signal.pause()
except KeyboardInterrupt:
    print("tidied up", flush=True)
"""
    with started(sys.executable, "-c", code, stdout=subprocess.PIPE, text=True, cwd=CLONE) as asked:
        asked.stdout.readline()

        asked.send_signal(signal.SIGTERM)

        said, _ = asked.communicate(timeout=PATIENCE)
    assert said == "tidied up\n"
    assert asked.returncode == 0
