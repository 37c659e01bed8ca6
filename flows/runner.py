"""Which of Prefect's task runners works batches off: threads of the flow's own process, or Dask. One setting decides, RIPELINE_TASK_RUNNER."""

from typing import Any, Self

from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from ripeline.settings import load_settings
from ripeline.values import Refusal, Tally

AT_ONCE = 2
"""Batches in work at a time where their order means nothing: one reads and judges while the other one writes."""


class ChosenTaskRunner(ThreadPoolTaskRunner[Tally]):
    """Becomes, when a flow starts, the task runner that the setting names: `thread`, `dask` or the address of a Dask scheduler."""

    def __init__(self) -> None:
        super().__init__(max_workers=AT_ONCE)

    def duplicate(self) -> Self:
        """Return the runner a flow run works with."""
        chosen: Any = task_runner(load_settings().task_runner)
        return chosen  # type: ignore[no-any-return]  # flows only submit to it, which every runner can


def task_runner(name: str) -> TaskRunner[Any]:
    """Return the task runner of this name. `dask` starts a cluster of processes on this machine for the length of a run; Refusal if Dask is not installed."""
    if name == "thread":
        return ThreadPoolTaskRunner(max_workers=AT_ONCE)
    try:
        from prefect_dask.task_runners import DaskTaskRunner
    except ImportError as error:
        raise Refusal("RIPELINE_TASK_RUNNER asks for Dask, which is not installed: pip install 'ripeline[dask]', or set it to thread", 3) from error
    if name == "dask":
        local = {"n_workers": AT_ONCE, "threads_per_worker": 1, "host": "127.0.0.1", "dashboard_address": None}
        return DaskTaskRunner(cluster_kwargs=local)
    return DaskTaskRunner(address=name)
