"""A problem: what a check finds wrong in a file beyond its shape."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """Something off. `place` are the keys and positions that lead to it, such as ("fit", 2, "when"). A warning stops nothing."""

    place: tuple[str | int, ...]
    what: str
    remedy: str = ""
    is_warning: bool = False
