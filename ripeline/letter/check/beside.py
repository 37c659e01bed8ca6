"""The tour of a check in processes beside ours: no template that nobody has published yet runs in this one."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ripeline.letter.check.fault import Fault
from ripeline.letter.check.speech import Speech
from ripeline.letter.check.tour import Ground, Stop, faults_at, file_faults, merged, stops_of, without
from ripeline.letter.confined import Bounds, Confined, Exceeded
from ripeline.letter.folder import templates_in
from ripeline.render import FOLDER

Progress = Callable[[int, int], None]

_FILES = "files"


def confined_faults(
    files: Mapping[str, str],
    fields: Iterable[str] = (),
    *,
    only: str | None = None,
    processes: int = 1,
    bounds: Bounds | None = None,
    progress: Progress | None = None,
) -> list[Fault]:
    """Return what `letter_faults` finds, and what was stopped because it wanted too much. `progress` is told stops done and all.

    `only` names a letter or page to which the tour is restricted; what can be seen in the files alone is told of all.
    """
    with Confined(_work, _begin, (dict(files), tuple(fields)), processes, bounds) as beside:
        faults, stops = [], []
        for task, answer in beside.answers([_FILES, *((only,) if only else templates_in(files))]):
            if isinstance(answer, Exceeded):
                faults.append(_stopped(task, answer))
            elif task == _FILES:
                faults += answer
            else:
                stops += answer[0]
                faults += answer[1]
        return faults + without(_at_stops(beside, sorted(stops), progress or _nobody), faults)


def _nobody(done: int, total: int) -> None:
    """Tell nobody."""


def _at_stops(beside: Confined, stops: list[Stop], progress: Progress) -> list[Fault]:
    found: dict[Stop, list[Fault]] = {}
    stopped: dict[str, Exceeded] = {}
    for stop, answer in beside.answers(_unless_stopped(stops, stopped)):
        if isinstance(answer, Exceeded):
            stopped.setdefault(stop[0], answer)
        else:
            found[stop] = answer
        progress(len(found) + len(stopped), len(stops))
    return [*(_stopped(template, answer) for template, answer in stopped.items()), *merged(fault for stop in stops for fault in found.get(stop, ()))]


def _unless_stopped(stops: Iterable[Stop], stopped: Mapping[str, Exceeded]) -> Iterator[Stop]:
    """Give the stops; a letter that went beyond its bounds in one locale is not tried in the next."""
    return (stop for stop in stops if stop[0] not in stopped)


def _stopped(template: str, answer: Exceeded) -> Fault:
    return Fault(FOLDER + template, 0, f"writing it wanted {answer.what}.", "No letter needs that: look for loops inside loops.")


def _begin(files: dict[str, str], fields: tuple[str, ...]) -> Ground:
    return Ground(files, fields, Speech(files))


def _work(ground: Ground, task: Any) -> Any:
    if task == _FILES:
        return list(file_faults(ground.files))
    return stops_of(ground.files, task) if isinstance(task, str) else faults_at(ground, task)
