"""The one shape of all six flows: refuse without a server, fix `now` and the playbook once, take batch after batch, tell counts."""

from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Annotated, Any, ParamSpec, TypeVar

from prefect import Flow, State, Task, get_run_logger
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import TaskRun
from prefect.futures import PrefectFuture
from prefect.runtime import flow_run
from prefect.settings import PREFECT_API_URL
from pydantic import AwareDatetime, Field

from flows.runner import ChosenTaskRunner
from flows.telling import tell
from ripeline.database import database_now, open_session
from ripeline.playbook.applied import applied_playbook, instead_told, live_hash, playbook_in_use
from ripeline.settings import load_settings
from ripeline.sweep.run import begin_run, end_run, sweep_named
from ripeline.values import Refusal, Tally

P = ParamSpec("P")
R = TypeVar("R")

Instant = Annotated[AwareDatetime, Field(description="The instant to judge by, with its zone; empty: the database's clock, read once")]
BatchSize = Annotated[int, Field(gt=0, description="How many lead ids one task spans")]
BatchTask = Task[[int, int, str, datetime, bool], Tally]


class ServedFlow(Flow[P, R]):
    """A flow that refuses to run where no Prefect server is set, since Prefect would start a hidden one of its own."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if not PREFECT_API_URL.value():
            raise Refusal(
                f"the flow '{self.name}' needs a Prefect server and PREFECT_API_URL is not set: "
                f"run it under `ripeline up`, set PREFECT_API_URL, or use `ripeline run {self.name}`, which needs none",
                3,
            )
        return super().__call__(*args, **kwargs)


def sweep_flow(function: Callable[P, R]) -> Flow[P, R]:
    """Return `function` as a flow under its own name, whose results stay out of Prefect's storage."""
    runner: Any = ChosenTaskRunner()
    return ServedFlow(function, name=function.__name__, flow_run_name=_run_name, task_runner=runner, persist_result=False)


def batch_task(*, retries: int = 0) -> Callable[[Callable[P, R]], Task[P, R]]:
    """Return a decorator that makes one batch a task; retried after 10 s, then each minute, unless what it met is a Refusal of our own words or files."""

    def decorate(function: Callable[P, R]) -> Task[P, R]:
        return Task(
            function,
            retries=retries,
            retry_delay_seconds=[10.0, 60.0][:retries],
            retry_condition_fn=_may_pass,
            task_run_name="{first_id} to {last_id}",
            cache_policy=NO_CACHE,
            persist_result=False,
        )

    return decorate


def run_batches(sweep: str, batch: BatchTask, now: datetime | None, batch_size: int, dry_run: bool, at_once: int = 1) -> Tally:
    """Take every due batch of a sweep, in order and so many `at_once`, and return the sum of their counts.

    A batch that fails does not stop the others; the first failure ends the run as Failed when all had their turn. After a Refusal no
    further batch begins.
    """
    url = load_settings().url
    with Withholding(sweep), open_session(url) as session:
        instant = (now or database_now(session)).astimezone(UTC)
        playbook, live = applied_playbook(session), live_hash(session) or ""
        if playbook.hash != live:
            get_run_logger().warning("%s", instead_told(live, playbook.hash))
        due = sweep_named(sweep).due(session, playbook, now=instant, batch_size=batch_size)
        run = begin_run(session, sweep, now=instant, dry_run=dry_run, version=playbook.hash)
    done, failed = _take_each(batch, due, (playbook.hash, instant, dry_run), at_once)
    total = sum((tally for _, tally in done), Tally.of(failed_batches=len(failed)) if failed else Tally())
    with Withholding(sweep), open_session(url) as session:
        end_run(session, run, total)
    tell(sweep, done, total, instant, dry_run)
    for state in failed:
        state.result()  # raises
    return total


def _take_each(batch: BatchTask, due: Sequence[range], said: tuple[str, datetime, bool], at_once: int) -> tuple[list[tuple[range, Tally]], list[State[Tally]]]:
    done, failed, waiting = [], [], deque(due)
    working: deque[tuple[range, PrefectFuture[Tally]]] = deque()
    while waiting or working:
        while waiting and len(working) < at_once:
            ids = waiting.popleft()
            working.append((ids, batch.submit(ids.start, ids.stop - 1, *said)))
        ids, future = working.popleft()
        result = _outcome(future)
        if isinstance(result, Tally):
            done.append((ids, result))
            continue
        failed.append(future.state)
        if isinstance(result, Refusal):
            waiting.clear()
    return done, failed


def _outcome(future: PrefectFuture[Tally]) -> Tally | BaseException:
    """Return what a batch came to, whoever worked it off."""
    future.wait()
    found: Tally | BaseException = future.result(raise_on_failure=False)
    return found


def take(sweep: str, first_id: int, last_id: int, version: str, now: datetime, dry_run: bool) -> Tally:
    """Take one batch of a sweep, by the playbook version given, and log its counts."""
    url = load_settings().url
    with Withholding(sweep):
        with open_session(url, writes=False) as session:
            playbook = playbook_in_use(session, version)
        with open_session(url) as session:  # a fresh one: some sweeps read in bulk before their transaction begins
            tally = sweep_named(sweep).take(session, range(first_id, last_id + 1), playbook, now=now, dry_run=dry_run)
    get_run_logger().info("%s %d to %d: %s", sweep, first_id, last_id, tally)
    return tally


class Withheld(Exception):
    """Something unforeseen whose own words are kept back."""


class Withholding:
    """Keep an unforeseen error's words out of Prefect: they may quote a row, and Prefect's database is no place for people."""

    def __init__(self, sweep: str) -> None:
        self.sweep = sweep

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if isinstance(error, Exception) and not isinstance(error, Refusal):
            words = f"{type(error).__name__}, its words withheld since they may name people: `ripeline run {self.sweep}` in a terminal shows them"
            raise Withheld(words).with_traceback(trace) from None


def _may_pass(task: Task[..., Any], run: TaskRun, state: State[Any]) -> bool:
    error = state.result(raise_on_failure=False)
    return not (isinstance(error, Refusal) and error.exit_code == 2)


def _run_name() -> str:
    given = (flow_run.parameters or {}).get("now")
    return f"{flow_run.flow_name} as of {given:%Y-%m-%d %H:%M}" if given else f"{flow_run.flow_name} {flow_run.scheduled_start_time:%Y-%m-%d %H:%M:%S}"
