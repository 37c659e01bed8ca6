"""The figures that are kept from run to run, so that measuring one piece anew loses no other: figures.json, from which the page is written."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.circumstances import Circumstances
from benchmarks.goals import GOALS
from benchmarks.row import Row

FILE = Path(__file__).with_name("figures.json")


@dataclass(frozen=True)
class Figure:
    """A row, which piece measured it, and under what circumstances."""

    piece: str
    row: Row
    taken: Circumstances


def kept(file: Path = FILE) -> list[Figure]:
    """Return the figures of earlier runs."""
    return [_figure(told) for told in json.loads(file.read_text())] if file.exists() else []


def keep(piece: str, rows: Sequence[Row], taken: Circumstances, file: Path = FILE) -> list[Figure]:
    """Put what a piece measured in the place of what it measured before, and return all figures."""
    figures = [each for each in kept(file) if each.piece != piece] + [Figure(piece, row, taken) for row in rows]
    file.write_text(json.dumps([_told(each) for each in figures], indent=1, ensure_ascii=False) + "\n")
    return figures


def _told(figure: Figure) -> dict[str, Any]:
    return asdict(figure) | {"row": asdict(figure.row) | {"goal": figure.row.goal.name}}


def _figure(told: dict[str, Any]) -> Figure:
    goal = next(each for each in GOALS if each.name == told["row"]["goal"])
    return Figure(told["piece"], Row(**told["row"] | {"goal": goal}), Circumstances(**told["taken"]))
