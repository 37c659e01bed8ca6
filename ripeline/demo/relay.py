"""Flow runs one after another, the next one announced to Prefect while the one before is at work: with two cores neither waits for the other."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import ContextVar, copy_context
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from prefect import Flow, State
from prefect.client.schemas.objects import FlowRun

from ripeline.values import Tally

AT_ONCE = 2

_before: ContextVar[Future[Tally] | None] = ContextVar("before", default=None)
"""Within a flow run: the one before it; None: it is the first."""


class Relay:
    """Runs flows in the order in which they are begun. A run waits, when Prefect has said that it is running, until the one before has ended altogether."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="flow run")
        self._last: Future[Tally] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._pool.shutdown(cancel_futures=True)

    def begin(self, flow: Flow[..., Tally], now: datetime) -> Future[Tally]:
        """Return what a run of a flow that is `in_turn`, as of `now`, comes to."""
        context = copy_context()
        context.run(_before.set, self._last)
        started: Callable[..., Tally] = context.run
        self._last = self._pool.submit(started, flow, now=now)
        return self._last


def in_turn(flow: Flow[..., Tally]) -> Flow[..., Tally]:
    """Return the same flow, for a Relay to run."""
    return flow.with_options(on_running=[_await_turn])


def _await_turn(flow: Flow[..., Tally], flow_run: FlowRun, state: State[Any]) -> None:
    before = _before.get()
    if before is not None:
        wait([before])
