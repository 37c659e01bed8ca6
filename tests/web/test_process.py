"""The web process and the mail sink as processes of their own: they start, work, and end when told to."""

import os
import re
import signal
import smtplib
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from waiting import PATIENCE

from ripeline.settings import CLONE, Settings
from ripeline.values import Refusal
from ripeline.web.process import serve_forever

pytestmark = pytest.mark.slow


def started(*command: str, **environment: str) -> tuple[subprocess.Popen[str], int]:
    """Return a process of ours, and the port it says it listens on."""
    given = os.environ | {"PYTHONPATH": str(CLONE), "PYTHONDONTWRITEBYTECODE": ""} | environment
    process = subprocess.Popen([sys.executable, *command], env=given, cwd=CLONE, text=True, stderr=subprocess.PIPE)
    assert process.stderr is not None
    port = re.search(r"127\.0\.0\.1:(\d+)", process.stderr.readline())
    assert port is not None
    return process, int(port[1])


def ended(process: subprocess.Popen[str], by: signal.Signals) -> int:
    """End a process as a person or a supervisor does; return its exit code."""
    process.send_signal(by)
    process.communicate(timeout=PATIENCE)
    return process.returncode


@pytest.mark.parametrize("by", [pytest.param(signal.SIGINT, id="Ctrl-C"), pytest.param(signal.SIGTERM, id="a supervisor")])
def test_the_sink_process_keeps_mail_until_it_is_told_to_end(tmp_path: Path, by: signal.Signals) -> None:
    process, port = started("-m", "ripeline.connect.sink", "--folder", str(tmp_path), "--port", "0")

    with smtplib.SMTP("127.0.0.1", port, local_hostname="test") as client:
        client.sendmail("nora@tidewerk.example", ["ada@example.com"], b"Subject: hello\r\n\r\nhello\r\n")

    assert ended(process, by) == 0
    assert [file.name for file in (tmp_path / "new").iterdir()] == ["00000001.eml"]


def test_the_web_process_serves_until_ctrl_c(tmp_path: Path) -> None:
    main = "from ripeline.cli.main import main; main()"
    process, port = started("-c", main, "serve", "--port", "0", RIPELINE_DATABASE_URL=f"sqlite:///{tmp_path / 'web.db'}", RIPELINE_VAR=str(tmp_path))

    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz") as answer:
        assert answer.status == 200

    assert ended(process, signal.SIGINT) in (0, 130)  # 0 where a shell lets its background jobs ignore Ctrl-C


def test_a_port_that_is_taken_is_refused_in_words(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(Refusal, match="choose another port"):
        serve_forever(settings, "127.0.0.1", taken.getsockname()[1], ready=lambda port: None)
