"""The web process and the mail sink as processes of their own: they start, work, and end when told to."""

import os
import re
import signal
import smtplib
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from waiting import PATIENCE, started

from ripeline.settings import CLONE, Settings
from ripeline.values import Refusal
from ripeline.web.process import serve_forever

pytestmark = pytest.mark.slow

MAIN = "from ripeline.cli.main import main; main()"


@contextmanager
def serving(*command: str, **environment: str) -> "Iterator[tuple[subprocess.Popen[str], int]]":
    """Give a process of ours, and the port it says it listens on."""
    given = os.environ | {"PYTHONPATH": str(CLONE), "PYTHONDONTWRITEBYTECODE": ""} | environment
    with started(sys.executable, *command, env=given, cwd=CLONE, text=True, stderr=subprocess.PIPE) as process:
        port = re.search(r"127\.0\.0\.1:(\d+)", process.stderr.readline())
        assert port is not None
        yield process, int(port[1])


def ended(process: "subprocess.Popen[str]", by: signal.Signals) -> int:
    """End a process as a person or a supervisor does; return its exit code."""
    process.send_signal(by)
    process.communicate(timeout=PATIENCE)
    return process.returncode


@pytest.mark.parametrize("by", [pytest.param(signal.SIGINT, id="Ctrl-C"), pytest.param(signal.SIGTERM, id="a supervisor")])
def test_the_sink_process_keeps_mail_until_it_is_told_to_end(tmp_path: Path, by: signal.Signals) -> None:
    with serving("-m", "ripeline.connect.sink", "--folder", str(tmp_path), "--port", "0") as (process, port):
        with smtplib.SMTP("127.0.0.1", port, local_hostname="test") as client:
            client.sendmail("nora@tidewerk.example", ["ada@example.com"], b"Subject: hello\r\n\r\nhello\r\n")

        assert ended(process, by) == 0
    assert [file.name for file in (tmp_path / "new").iterdir()] == ["00000001.eml"]


def test_the_web_process_serves_until_ctrl_c(tmp_path: Path) -> None:
    with serving("-c", MAIN, "serve", "--port", "0", RIPELINE_DATABASE_URL=f"sqlite:///{tmp_path / 'web.db'}", RIPELINE_VAR=str(tmp_path)) as (process, port):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz") as answer:
            assert answer.status == 200

        assert ended(process, signal.SIGINT) in (0, 130)  # 0 where a shell lets its background jobs ignore Ctrl-C


def test_the_web_process_hears_ctrl_c_from_its_first_word_on_also_where_a_shell_has_it_ignored(tmp_path: Path) -> None:
    ignoring = f"import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); {MAIN}"

    with serving("-c", ignoring, "serve", "--port", "0", RIPELINE_VAR=str(tmp_path)) as (process, _):
        assert ended(process, signal.SIGINT) == 0


def test_what_can_never_be_a_database_is_refused_before_anything_is_served(settings: Settings) -> None:
    with pytest.raises(Refusal, match="RIPELINE_DATABASE_URL starts with 'mysql'"):
        serve_forever(settings.model_copy(update={"database_url": "mysql://db.example/leads"}), "127.0.0.1", 0, ready=lambda port: None)


def test_a_port_that_is_taken_is_refused_in_words(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(Refusal, match="choose another port"):
        serve_forever(settings, "127.0.0.1", taken.getsockname()[1], ready=lambda port: None)
