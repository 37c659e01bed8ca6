"""`make bench`: run every benchmark, print one table, and write it to docs/benchmarks.md with machine and date."""

import argparse
import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.row import HEADS, Row

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "docs" / "benchmarks.md"
WHOLE = {"__init__", "__main__", "row", "ours", "beside_sql", "plainly"}


def benchmarks() -> list[str]:
    """Return the names of the modules in this folder that offer `run(small)`; those that take hours (`TAKES_HOURS`) only run when they are named."""
    modules = {file.stem: import_module(f"benchmarks.{file.stem}") for file in sorted(HERE.glob("*.py")) if file.stem not in WHOLE}
    return [name for name, module in modules.items() if hasattr(module, "run") and not hasattr(module, "TAKES_HOURS")]


def measure(names: Sequence[str], *, small: bool) -> list[Row]:
    """Run the named benchmarks and return their rows in order."""
    return [row for name in names for row in import_module(f"benchmarks.{name}").run(small=small)]


def page(rows: Sequence[Row], machine: str, day: str) -> str:
    """Return docs/benchmarks.md."""
    lines = [
        "# Benchmarks",
        "",
        f"Written by `make bench` on {day}: {machine}.",
        "Ratios within one run are what counts: machines differ, and drift. Goals come from the issues; nothing here is asserted in a test.",
        "",
        "| " + " | ".join(HEADS) + " |",
        "|" + "---|" * len(HEADS),
        *("| " + " | ".join(row.cells()) + " |" for row in rows),
        "",
    ]
    return "\n".join(lines)


def machine() -> str:
    """Return what this machine is, in one line without its name."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    processor = next((line.split(":", 1)[1].strip() for line in _cpuinfo() if line.startswith("model name")), platform.processor())
    return f"{processor}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()}, Python {platform.python_version()}"


def _cpuinfo() -> list[str]:
    file = Path("/proc/cpuinfo")
    return file.read_text().splitlines() if file.exists() else []


def main() -> None:
    """Measure, print, and write the page unless the run was small."""
    words = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    words.add_argument("names", nargs="*", help=f"which: {', '.join(benchmarks())}; default all")
    words.add_argument("--small", action="store_true", help="tiny sizes, to see that it runs; the page is not written")
    said = words.parse_args()
    rows = measure(said.names or benchmarks(), small=said.small)
    table = Table(*HEADS)
    for row in rows:
        table.add_row(*row.cells())
    Console(width=200).print(table)
    if not said.small and not said.names:
        PAGE.write_text(page(rows, machine(), datetime.now(UTC).date().isoformat()))


if __name__ == "__main__":
    main()
