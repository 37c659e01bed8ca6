"""Typing a command, and what comes back: exit code, standard output, standard error."""

import json
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class Answer:
    """What a command left behind."""

    exit_code: int
    out: str
    err: str

    @property
    def told(self) -> Any:
        """Return the JSON that was printed."""
        return json.loads(self.out)

    @property
    def said(self) -> str:
        """Return everything a person sees as one line, without the frames around it."""
        return " ".join(f"{self.out} {self.err}".replace("│", " ").split())


class Run(Protocol):
    """Types a command; keywords set the environment for it, `database_url` as RIPELINE_DATABASE_URL; None takes one away."""

    def __call__(self, *words: object, **environment: object) -> Answer: ...
