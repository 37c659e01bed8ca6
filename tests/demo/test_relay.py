"""Flow runs of the demonstration: two under way, one at work."""

from collections.abc import Callable
from datetime import UTC, datetime
from threading import Event
from typing import Any, cast

import pytest
from prefect import Flow

from ripeline.demo.relay import Relay, in_turn
from ripeline.values import Refusal, Tally

NOW = datetime(2026, 3, 2, tzinfo=UTC)
LONG = 60


class Played:
    """Calls its hook as Prefect does, between announcing a run and the work itself."""

    def __init__(self, work: Callable[[], Tally], announced: Callable[[], object] = lambda: None) -> None:
        self.work, self.announced, self.hooks = work, announced, list[Callable[..., None]]()

    def with_options(self, on_running: list[Callable[..., None]]) -> "Played":
        self.hooks = on_running
        return self

    def __call__(self, now: datetime) -> Tally:
        self.announced()
        for hook in self.hooks:
            hook(self, None, None)
        return self.work()


def played(work: Callable[[], Tally], announced: Callable[[], object] = lambda: None) -> Flow[..., Tally]:
    return in_turn(cast(Any, Played(work, announced)))


def test_a_run_is_announced_while_the_one_before_is_at_work() -> None:
    announced = Event()

    def first() -> Tally:
        return Tally.of(seen=announced.wait(LONG))

    with Relay() as relay:
        waiting = relay.begin(played(first), NOW)
        relay.begin(played(Tally, announced.set), NOW)

        assert waiting.result()["seen"]


def test_runs_do_their_work_in_the_order_in_which_they_are_begun() -> None:
    done: list[int] = []

    def work(number: int) -> Callable[[], Tally]:
        def noted() -> Tally:
            done.append(number)
            return Tally()

        return noted

    with Relay() as relay:
        runs = [relay.begin(played(work(number)), NOW) for number in range(20)]
        for run in runs:
            run.result()

    assert done == list(range(20))


def test_a_run_that_fails_lets_the_next_one_work_and_says_so_itself() -> None:
    def fail() -> Tally:
        raise Refusal("the mail server is down")

    with Relay() as relay:
        failed, next_one = relay.begin(played(fail), NOW), relay.begin(played(lambda: Tally.of(accepted=1)), NOW)

        with pytest.raises(Refusal, match="mail server"):
            failed.result()
        assert next_one.result()["accepted"] == 1
