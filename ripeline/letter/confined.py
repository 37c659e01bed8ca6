"""Work on templates that nobody has published yet: in processes beside ours, each task within bounds of processor time, memory and answer.

The sandbox keeps a template from reaching anything; this keeps it from eating the machine (RELIABILITY I31).
"""

import pickle
import resource
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from ripeline.values import Refusal

MEBIBYTE = 2**20

PRELOADED = ["__main__", "ripeline.letter.check.beside", "ripeline.letter.workshop"]
"""Modules that every process needs: imported once, by the process that all of them are forked from."""

Work = Callable[[Any, Any], Any]
Begin = Callable[..., Any]


@dataclass(frozen=True)
class Bounds:
    """What one task may use: seconds of processor time, bytes of memory beyond what the process starts with, bytes of answer."""

    cpu_seconds: int = 15
    memory_bytes: int = 768 * MEBIBYTE
    answer_bytes: int = 32 * MEBIBYTE


@dataclass(frozen=True)
class Exceeded:
    """A task that was stopped; `what` it wanted too much of, as the end of a sentence."""

    what: str


@dataclass
class _Worker:
    process: ForkServerProcess
    pipe: Connection
    task: Any = None


class Confined:
    """Processes that do `work(state, task)`, with `state` made by `begin(*given)` once in each. All three are named functions of a module.

    A Refusal in a task comes out here; a task beyond its bounds gives Exceeded, and its process is replaced.
    """

    def __init__(self, work: Work, begin: Begin, given: tuple[Any, ...], processes: int, bounds: Bounds | None = None) -> None:
        self._job = (work, begin, given, bounds or Bounds())
        self._workers = [self._started() for _ in range(processes)]

    def __enter__(self) -> "Confined":
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.process.kill()  # what it does is worth nothing any more
            worker.process.join()
            worker.pipe.close()

    def answers(self, tasks: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
        """Give each task with its answer, as they come; the next task is taken when a process is free."""
        waiting = iter(tasks)
        for worker in self._workers:
            self._hand(worker, waiting)
        while busy := [worker for worker in self._workers if worker.task is not None]:
            ready = wait([worker.pipe for worker in busy])
            for worker in [each for each in busy if each.pipe in ready]:
                task, answer = worker.task, self._answer(worker)
                yield task, answer
                self._hand(worker, waiting)

    def _hand(self, worker: _Worker, waiting: Iterator[Any]) -> None:
        worker.task = next(waiting, None)
        if worker.task is not None:
            worker.pipe.send(worker.task)

    def _answer(self, worker: _Worker) -> Any:
        try:
            answer = pickle.loads(worker.pipe.recv_bytes())  # made by our own code, a line below
        except EOFError:
            return self._replaced(worker)
        if isinstance(answer, Refusal):
            raise answer
        return answer

    def _replaced(self, worker: _Worker) -> Exceeded:
        """Return why a process ended, and start another in its place."""
        worker.process.join()
        code, bounds = worker.process.exitcode, self._job[3]
        worker.pipe.close()
        fresh = self._started()
        worker.process, worker.pipe = fresh.process, fresh.pipe
        if code in (-signal.SIGXCPU, -signal.SIGKILL):
            return Exceeded(f"more than {bounds.cpu_seconds} s of processor time")
        if code in (-signal.SIGABRT, -signal.SIGSEGV, -signal.SIGBUS):
            return _too_much_memory(bounds)
        raise Refusal(f"a process that checks templates ended with code {code}: run it again, and report it if that does not help", 3)

    def _started(self) -> _Worker:
        context = get_context("forkserver")  # a fork of this process would copy threads of ours in the middle of what they do
        context.set_forkserver_preload(PRELOADED)
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs, *self._job), daemon=True)
        process.start()
        theirs.close()
        return _Worker(process, ours)


def _too_much_memory(bounds: Bounds) -> Exceeded:
    return Exceeded(f"more than {bounds.memory_bytes // MEBIBYTE} MiB of memory")


def _serve(pipe: Connection, work: Work, begin: Begin, given: tuple[Any, ...], bounds: Bounds) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who asked
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    state = begin(*given)
    _limit(resource.RLIMIT_AS, _memory() + bounds.memory_bytes)
    with suppress(EOFError):  # whoever asked is gone
        while True:
            task = pipe.recv()
            spent = resource.getrusage(resource.RUSAGE_SELF)
            _limit(resource.RLIMIT_CPU, int(spent.ru_utime + spent.ru_stime) + bounds.cpu_seconds + 1)
            pipe.send_bytes(_answered(work, state, task, bounds))


def _answered(work: Work, state: Any, task: Any, bounds: Bounds) -> bytes:
    try:
        answer = pickle.dumps(work(state, task))
    except MemoryError:
        return pickle.dumps(_too_much_memory(bounds))
    except Refusal as refusal:
        return pickle.dumps(refusal)
    if len(answer) > bounds.answer_bytes:
        return pickle.dumps(Exceeded(f"more than {bounds.answer_bytes:,} bytes of answer"))
    return answer


def _limit(what: int, soft: int) -> None:
    _, hard = resource.getrlimit(what)
    resource.setrlimit(what, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def _memory() -> int:
    """Return the bytes of address space in use."""
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
