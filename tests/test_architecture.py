"""The house rule: who may know whom. docs/architecture.md says it in words; this walks the imports."""

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

HOME = Path(__file__).resolve().parent.parent

OUTSIDE = {
    "prefect",
    "sqlmodel",
    "sqlalchemy",
    "jinja2",
    "babel",
    "pytz",
    "fastapi",
    "starlette",
    "polars",
    "sqlglot",
    "smtplib",
    "socket",
    "icalendar",
    "holidays",
    "alembic",
    "phonenumbers",
    "typer",
    "rich",
}

MAY_KNOW = {
    "models": {"sqlmodel", "sqlalchemy", "models"},
    "ripeline/values.py": set(),
    "ripeline/decide": {"polars", "sqlglot", "models", "ripeline.decide", "ripeline.values", "ripeline.zones"},
    "ripeline/connect": {"smtplib", "socket", "polars", "holidays", "ripeline.connect", "ripeline.values", "ripeline.settings"},
    "ripeline/playbook": {
        "sqlmodel", "sqlalchemy", "models", "babel", "ripeline.playbook", "ripeline.decide", "ripeline.values", "ripeline.letter",
        "ripeline.zones", "ripeline.address",
    },
    "ripeline/letter": {"babel", "ripeline.letter", "ripeline.render", "ripeline.values", "ripeline.zones"},
    "ripeline/render": {"jinja2", "babel", "ripeline.render", "ripeline.values", "ripeline.zones"},
    "ripeline/invite.py": {"icalendar", "ripeline.values"},
    "ripeline/zones.py": {"pytz", "models", "ripeline.values"},
    "ripeline/phones.py": {"phonenumbers", "ripeline.zones"},
    "ripeline/sweep": {
        "polars", "sqlglot", "sqlmodel", "sqlalchemy", "models", "ripeline.sweep", "ripeline.decide", "ripeline.connect", "ripeline.letter", "ripeline.invite",
        "ripeline.playbook", "ripeline.values", "ripeline.zones", "ripeline.database", "ripeline.frames", "ripeline.settings", "ripeline.address",
        "ripeline.links", "ripeline.return_path", "ripeline.render", "ripeline.countries", "ripeline.phones",
    },
    "ripeline/simulate": {
        "polars", "sqlmodel", "sqlalchemy", "rich", "models", "ripeline.simulate", "ripeline.sweep", "ripeline.decide", "ripeline.connect.channels",
        "ripeline.playbook", "ripeline.report", "ripeline.standing.environment", "ripeline.database", "ripeline.settings", "ripeline.values", "ripeline.zones",
    },
    "ripeline/web": {"fastapi", "starlette", "sqlmodel", "sqlalchemy", "models", "ripeline"},
    "flows": {"prefect", "sqlmodel", "ripeline.sweep", "ripeline.database", "ripeline.settings", "ripeline.values", "ripeline.playbook", "flows"},
}  # fmt: skip
"""For each room, which of the libraries in OUTSIDE and which rooms of ours it may import. Prefixes count."""

ONLY_IN = {"pytz": {"ripeline/zones.py"}, "phonenumbers": {"ripeline/phones.py"}, "jinja2": {"ripeline/render/"}, "alembic": {"ripeline/migrations"}}

NEVER_NAMED = {"utils", "helpers", "helper", "manager", "service", "services", "common", "constants", "misc"}


def _files(place: str) -> list[Path]:
    path = HOME / place
    return [path] if path.suffix == ".py" else sorted(path.rglob("*.py"))


@cache
def _tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text())


@cache
def _imports(file: Path) -> tuple[tuple[int, str], ...]:
    return tuple(_imported(_tree(file)))


def _imported(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module


def _is_of_concern(name: str) -> bool:
    return name.split(".")[0] in OUTSIDE | {"models", "ripeline", "flows"}


@pytest.mark.parametrize("room", MAY_KNOW)
def test_a_room_knows_only_whom_it_may(room: str) -> None:
    files = _files(room)
    assert files, f"{room} is gone: mend this table and docs/architecture.md"

    strangers = [
        f"{file.relative_to(HOME)}:{line} imports {name}"
        for file in files
        for line, name in _imports(file)
        if _is_of_concern(name) and not any(name == friend or name.startswith(friend + ".") for friend in MAY_KNOW[room])
    ]

    assert not strangers


@pytest.mark.parametrize("library", ONLY_IN)
def test_a_library_lives_in_one_room(library: str) -> None:
    elsewhere = [
        str(file.relative_to(HOME))
        for place in ("ripeline", "models", "flows")
        for file in _files(place)
        if any(name.split(".")[0] == library for _, name in _imports(file))
        and not any(str(file.relative_to(HOME)).startswith(room) for room in ONLY_IN[library])
    ]

    assert not elsewhere


def test_no_file_is_named_after_a_drawer() -> None:
    assert not [str(file.relative_to(HOME)) for place in ("ripeline", "models", "flows", "tests") for file in _files(place) if file.stem in NEVER_NAMED]


def test_the_command_tree_imports_nothing_but_typer() -> None:
    light = sys.stdlib_module_names | {"typer"}

    heavy = [
        f"{file.name}: {name}"
        for file in _files("ripeline/cli")
        for name in _top_level(file)
        if name.split(".")[0] not in light and not name.startswith("ripeline.cli")
    ]

    assert not heavy


def _top_level(file: Path) -> Iterator[str]:
    for node in _tree(file).body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


CLOCKS = {(kind, name) for kind in ("datetime", "date") for name in ("now", "utcnow", "today")} | {("time", "time")}


def test_only_the_top_reads_a_clock() -> None:
    """`now` is a parameter: these are all the places that ask what time it really is, each with its reason."""
    allowed = {
        "ripeline/sweep/run.py": "a run is recorded by real time",
        "ripeline/cli/preview.py": "a letter to oneself is dated by real time, and needs no database",
        "ripeline/cli/apply.py": "check tells which dates are past, and needs no database",
        "ripeline/demo": "waits for its servers",
        "ripeline/standing": "waits for its servers",
    }

    asking = [f"{file.relative_to(HOME)}:{line}" for place in ("ripeline", "flows", "models") for file in _files(place) for line in _clock_readings(file)]

    assert not [place for place in asking if not any(place.startswith(room) for room in allowed)]


def _clock_readings(file: Path) -> Iterator[int]:
    for node in ast.walk(_tree(file)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and (node.value.id, node.attr) in CLOCKS:
            yield node.lineno
