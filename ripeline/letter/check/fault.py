"""A fault of a letter: where, what, and what to do about it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ripeline.render import FOLDER, RenderError


@dataclass(frozen=True, order=True)
class Fault:
    """One thing wrong with a letter, page or catalogue. `line` 0: the whole file, told by its first line. A warning stops nothing."""

    path: str
    line: int
    what: str
    remedy: str = ""
    is_warning: bool = False

    def __str__(self) -> str:
        return f"{self.path}:{self.line or 1}  {self.what}{' ' + self.remedy if self.remedy else ''}"


def fault_of(error: RenderError) -> Fault:
    """Return an error of rendering as a fault; it says its remedy itself."""
    return Fault(error.template, error.line, error.what)


def placed(files: Mapping[str, str], template: str, needles: Iterable[str], ending: str = "") -> tuple[str, int]:
    """Return file and line where one of the needles stands in a letter's sources: its own files first, then what letters share.

    Where none is found, the letter's folder. `ending` narrows to a kind of file.
    """
    own, shared = f"{FOLDER}{template}", f"{FOLDER}{template.partition('/')[0]}/_base/"
    paths = [path for start in (own, shared, f"{FOLDER}email/_base/") for path in sorted(files) if path.startswith(start) and path.endswith(ending)]
    for needle in needles:
        for path in paths:
            at = files[path].find(needle) if needle else -1
            if at >= 0:
                return path, line_at(files[path], at)
    return own, 0


def line_at(text: str, at: int) -> int:
    """Return the line, counted from 1, in which a position of a text lies."""
    return text.count("\n", 0, at) + 1
