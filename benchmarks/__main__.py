"""`make bench`: run every benchmark, print one table, keep its figures, and write docs/benchmarks.md out of all that are kept."""

import argparse
import os
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.bases import KEPT_IN
from benchmarks.circumstances import watched
from benchmarks.figures import keep, kept
from benchmarks.page import PAGE, page
from benchmarks.row import HEADS, Row

HERE = Path(__file__).resolve().parent
Piece = Callable[[bool], list[Row]]


def pieces() -> dict[str, Piece]:
    """Return what can be measured by itself, by name: the `run(small)` of the modules in this folder, or their `STEPS` one by one."""
    found: dict[str, Piece] = {}
    for name in sorted(file.stem for file in HERE.glob("*.py") if not file.stem.startswith("_")):
        module = import_module(f"benchmarks.{name}")
        steps: Mapping[str, Piece] = getattr(module, "STEPS", {})
        found |= {f"{name}.{step}": run for step, run in steps.items()}
        if hasattr(module, "run"):
            found[name] = module.run
    return found


def takes_hours(piece: str) -> bool:
    """Tell whether a piece is measured only when it is named."""
    return hasattr(import_module(f"benchmarks.{piece.split('.')[0]}"), "TAKES_HOURS")


def chosen(names: list[str]) -> list[str]:
    """Return the pieces that are meant: by their name, or by that of their module; without names, all that do not take hours."""
    every = pieces()
    unknown = [name for name in names if not any(piece == name or piece.startswith(f"{name}.") for piece in every)]
    if unknown:
        raise SystemExit(f"no benchmark is called {', '.join(unknown)} (have: {', '.join(every)})")
    if not names:
        return [piece for piece in every if not takes_hours(piece)]
    return [piece for piece in every if piece in names or piece.split(".")[0] in names]


def main() -> None:
    """Measure piece after piece; each one's figures are kept, and the page is written, as soon as it has ended, unless the run was small."""
    words = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    words.add_argument("names", nargs="*", metavar="NAME", help="which pieces; default: all that do not take hours")
    words.add_argument("--list", action="store_true", help="name the pieces and end")
    words.add_argument("--page", action="store_true", help="measure nothing: write the page out of the figures that are kept")
    words.add_argument("--small", action="store_true", help="tiny sizes, to see that it runs; no figure is kept")
    words.add_argument("--bases", type=Path, metavar="FOLDER", help="keep the made-up leads there, and take those that are there")
    said = words.parse_args()
    if said.bases:
        os.environ[KEPT_IN] = str(said.bases.resolve())
    if said.list:
        Console().print("\n".join(f"{name}{'  (only when it is named)' if takes_hours(name) else ''}" for name in pieces()))
    elif said.page:
        PAGE.write_text(page(kept()))
    else:
        measure(chosen(said.names), small=said.small)


def measure(names: list[str], *, small: bool) -> None:
    """Measure the pieces and print one table."""
    table = Table(*HEADS, "measured")
    for name in names:
        with watched() as watch:
            rows = pieces()[name](small)
        for row in rows:
            table.add_row(*row.cells(), str(watch.circumstances))
        if not small:
            PAGE.write_text(page(keep(name, rows, watch.circumstances)))
    Console(width=200).print(table)


if __name__ == "__main__":
    main()
