"""The command line as a process: what it imports, what it leaves on standard error, how it ends."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from waiting import PATIENCE, started

ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("RIPELINE_")}
PROGRAM = [sys.executable, "-c", "from ripeline.cli.main import main; main()"]

IMPORTED = """
import sys
from ripeline.cli.main import main
try:
    main()
finally:
    print(*sorted({name.split(".")[0] for name in sys.modules}), file=sys.stderr)
"""


def typed(words: Sequence[str], home: Path, tmp_path: Path, program: str = PROGRAM[-1], **more: str) -> "subprocess.CompletedProcess[bytes]":
    """Run a command as a process of its own."""
    environment = ENVIRONMENT | {"RIPELINE_HOME": str(home), "RIPELINE_VAR": str(tmp_path / "var")} | more
    return subprocess.run([sys.executable, "-c", program, *words], env=environment, capture_output=True, timeout=PATIENCE, check=False)


ONE_AFTER_THE_OTHER = """
import sys
from ripeline.cli.main import main
for words in sys.argv[1:]:
    sys.argv = ["ripeline", *words.split()]
    try:
        main()
    except SystemExit as ended:
        assert ended.code in (None, 0, 1), (words, ended.code)  # 1: doctor found something
print(*sorted({name.split(".")[0] for name in sys.modules}), file=sys.stderr)
"""


def imported(words: Sequence[str], home: Path, tmp_path: Path, program: str = IMPORTED, **more: str) -> set[str]:
    """Return the packages that a command imported."""
    return set(typed(words, home, tmp_path, program, **more).stderr.decode().splitlines()[-1].split())


def test_help_imports_nothing_that_takes_time(home: Path, tmp_path: Path) -> None:
    """Which is why it answers at once; how fast depends on the machine, so it is no test."""
    assert imported(["--help"], home, tmp_path).isdisjoint({"prefect", "polars", "sqlalchemy", "sqlmodel", "pydantic", "jinja2", "fastapi", "babel"})


def test_commands_without_flows_never_import_prefect(home: Path, tmp_path: Path, live_sqlite: str) -> None:
    commands = ["run all", "doctor", "leads", "messages", "handoffs", "report"]

    packages = imported(commands, home, tmp_path, ONE_AFTER_THE_OTHER, RIPELINE_DATABASE_URL=live_sqlite)

    assert "sqlmodel" in packages, "they did their work"
    assert "prefect" not in packages


@pytest.mark.parametrize(("words", "exit_code"), [
    pytest.param(["fields"], 0, id="what it could do"),
    pytest.param(["run", "rescor"], 2, id="a wrong word"),
    pytest.param(["leads", "--nonsense"], 2, id="an option that is none"),
    pytest.param(["leads"], 3, id="a database without tables"),
])  # fmt: skip
def test_exit_codes_mean_something_and_no_traceback_is_shown(home: Path, tmp_path: Path, words: list[str], exit_code: int) -> None:
    answer = typed(words, home, tmp_path)

    assert answer.returncode == exit_code
    assert b"Traceback" not in answer.stderr
    assert bool(answer.stderr) == bool(exit_code)


def test_a_reader_that_has_enough_ends_it_quietly(home: Path, tmp_path: Path) -> None:
    environment = ENVIRONMENT | {"RIPELINE_HOME": str(home), "RIPELINE_VAR": str(tmp_path / "var")}
    reads, writes = os.pipe()
    os.close(reads)
    with started(*PROGRAM, "fields", "--json", env=environment, stdout=writes, stderr=subprocess.PIPE) as child:
        os.close(writes)
        _, said = child.communicate(timeout=PATIENCE)

    assert said == b""


def test_a_terminal_of_another_script_stops_nothing(home: Path, tmp_path: Path) -> None:
    (tmp_path / "home/playbook").mkdir(parents=True)

    answer = typed(["import", "leads", "健二.csv"], home, tmp_path, PYTHONIOENCODING="ascii", PYTHONUTF8="0")

    assert b"Traceback" not in answer.stderr
    assert b"no tables yet" in answer.stderr or b"does not exist" in answer.stderr


def test_ctrl_c_says_that_nothing_is_lost(home: Path, tmp_path: Path) -> None:
    environment = ENVIRONMENT | {"RIPELINE_HOME": str(home), "RIPELINE_VAR": str(tmp_path / "var")}
    with started(*PROGRAM, "serve", "--port", "0", env=environment, stderr=subprocess.PIPE, start_new_session=True) as child:
        first = child.stderr.readline()
        child.send_signal(signal.SIGINT)
        _, rest = child.communicate(timeout=PATIENCE)

    assert b"Ctrl-C ends it" in first
    assert b"Traceback" not in rest


def test_a_stopped_command_ends_with_130(home: Path, tmp_path: Path) -> None:
    stopped = "import sys, ripeline.cli.main as m, ripeline.cli.screen as s\ndef stop(): raise KeyboardInterrupt\ns.settings = stop\nm.main()"

    answer = typed(["fields"], home, tmp_path, stopped)

    assert answer.returncode == 130
    assert answer.stderr.decode() == "ripeline: stopped; what was committed is kept, run it again to go on\n"
