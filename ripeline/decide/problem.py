"""A problem: what a check finds wrong in a file beyond its shape."""

from dataclasses import dataclass

Place = tuple[str | int, ...]
"""Keys and positions that lead to something in a file, such as ("fit", 2, "when")."""


@dataclass(frozen=True)
class Problem:
    """Something off, and where. A warning stops nothing."""

    place: Place
    what: str
    remedy: str = ""
    is_warning: bool = False
