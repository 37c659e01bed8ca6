"""Letters of working files, which nobody has checked yet: read, compiled and written in a process beside ours, within bounds."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ripeline.letter.confined import Bounds, Confined, Exceeded
from ripeline.letter.version import Asks
from ripeline.letter.writing import Letter, complete_locales, letter_asks, write_letter
from ripeline.render import FOLDER, RenderError

Order = tuple[str, ...]


class Workshop:
    """Writes letters from `files`; what a template gets wrong, or wants too much of, raises RenderError that names it."""

    def __init__(self, files: Mapping[str, str], *, processes: int = 1, bounds: Bounds | None = None) -> None:
        self._beside = Confined(_work, dict, (dict(files),), processes, bounds)

    def __enter__(self) -> "Workshop":
        return self

    def __exit__(self, *_: object) -> None:
        self._beside.__exit__()

    def locales(self, template: str) -> tuple[str, ...]:
        """Return the locales in which a letter can go out."""
        return tuple(self._one(("locales", template)))

    def asks(self, template: str, locale: str) -> Asks:
        """Return what a letter asks about its reader."""
        asks: Asks = self._one(("asks", template, locale))
        return asks

    def letter(self, template: str, locale: str, data: Mapping[str, Any]) -> Letter:
        """Return a letter, written."""
        (letter,) = (written for _, written in self.letters([(template, locale, data)]))
        return letter

    def letters(self, orders: Iterable[tuple[str, str, Mapping[str, Any]]]) -> Iterator[tuple[tuple[str, str], Letter]]:
        """Give each letter that was ordered (template, locale, data), with its template and locale, as they are done."""
        for task, answer in self._beside.answers(("letter", template, locale, data) for template, locale, data in orders):
            yield (task[1], task[2]), _whole(task, answer)

    def _one(self, task: tuple[Any, ...]) -> Any:
        ((_, answer),) = self._beside.answers([task])
        return _whole(task, answer)


def _whole(task: tuple[Any, ...], answer: Any) -> Any:
    if isinstance(answer, Exceeded):
        raise RenderError(FOLDER + task[1], 0, f"writing it wanted {answer.what}: no letter needs that, look for loops inside loops")
    return answer


def _work(files: dict[str, str], task: tuple[Any, ...]) -> Any:
    match task:
        case ("locales", template):
            return complete_locales(files, template)
        case ("asks", template, locale):
            return letter_asks(files, template, locale)
        case (_, template, locale, data):
            return write_letter(files, template, locale, data)
    raise TypeError(f"no such order: {task[0]}")
