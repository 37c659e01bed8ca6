"""The one error of rendering: a template, a line, what is wrong and what to do about it."""

from collections.abc import Iterable
from difflib import get_close_matches

from ripeline.values import Refusal


class RenderError(Refusal):
    """A template that cannot be rendered. `line` counts from 1; 0 where no line is at fault."""

    def __init__(self, template: str, line: int, what: str) -> None:
        self.template, self.line, self.what = template, line, what
        super().__init__(f"{template}:{line}  {what}" if line else f"{template}  {what}")

    def __reduce__(self) -> tuple[type["RenderError"], tuple[str, int, str]]:
        return RenderError, (self.template, self.line, self.what)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a sentence that proposes the nearest known word, with a space before it, or nothing."""
    near = get_close_matches(word, [each for each in known if isinstance(each, str)], n=1)
    return f" Did you mean {near[0]!r}?" if near else ""
