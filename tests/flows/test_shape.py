"""What all six flows have in common, shown on a seventh whose sweep is a fake."""

import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from people import NOW
from prefect import Flow
from sqlmodel import Session, select

from flows.shape import Withheld, batch_task, run_batches, sweep_flow, take
from flows.telling import nudge
from models import SweepRun
from ripeline.database import open_session
from ripeline.playbook.playbook import Playbook
from ripeline.values import Refusal, Tally

ON_ONE_DATABASE = pytest.mark.parametrize("url", ["sqlite"], indirect=True)
"""For what lies between Prefect and a sweep, which never sees a row."""

QUOTING = "ada@example.com is not a number"
"""Not said where it is raised: a traceback shows the line of the program, which is no secret."""


class FakeSweep(SimpleNamespace):
    """A sweep over two batches that notes what it was asked, and answers what it was told to."""

    def __init__(self, answer: Callable[[range], Tally]) -> None:
        super().__init__(asked=[])
        self.pretend = self.take
        self.answer = answer

    def due(self, session: Session, playbook: Playbook, *, now: datetime, batch_size: int) -> Sequence[range]:
        return [range(1, 1 + batch_size), range(1 + batch_size, 1 + 2 * batch_size)]

    def take(self, session: Session, ids: range, playbook: Playbook, *, now: datetime, dry_run: bool) -> Tally:
        self.asked.append((ids, now, dry_run))
        return self.answer(ids)


def _pretend(retries: int = 0) -> Flow[..., Tally]:
    @batch_task(retries=retries)
    def pretend_batch(first_id: int, last_id: int, version: str, now: datetime, dry_run: bool) -> Tally:
        return take("pretend", first_id, last_id, version, now, dry_run)

    @sweep_flow
    def pretend(now: datetime | None = None, batch_size: int = 10, dry_run: bool = False) -> Tally:
        total = run_batches("pretend", pretend_batch.with_options(retry_delay_seconds=0), now, batch_size, dry_run)
        nudge("pretend", "ripeline.pretended", total, dry_run)
        return total

    return pretend


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch, at_work: str, prefect_server: str) -> Callable[[Callable[[range], Tally]], FakeSweep]:
    """Give a function that puts a fake sweep called `pretend` where flows look for sweeps."""

    def put(answer: Callable[[range], Tally]) -> FakeSweep:
        sweep = FakeSweep(answer)
        monkeypatch.setitem(sys.modules, "ripeline.sweep.pretend", sweep)  # type: ignore[arg-type]
        return sweep

    return put


@pytest.fixture(autouse=True)
def apart(request: pytest.FixtureRequest) -> None:
    """Keep every event of this file away from the server."""
    request.getfixturevalue("emitted")


def _artifacts(api: str) -> list[dict[str, Any]]:
    asked = {"artifacts": {"key": {"like_": "ripeline-pretend"}}, "sort": "CREATED_DESC"}
    found: list[dict[str, Any]] = httpx.post(f"{api}/artifacts/filter", json=asked).raise_for_status().json()
    return found


@ON_ONE_DATABASE
def test_batches_are_taken_one_after_the_other_and_their_counts_add_up(fake: Any) -> None:
    sweep = fake(lambda ids: Tally.of(done=len(ids)))

    total = _pretend()(now=NOW, batch_size=5)

    assert [ids for ids, _, _ in sweep.asked] == [range(1, 6), range(6, 11)]
    assert total["done"] == 10


def test_now_is_read_once_from_the_databases_clock_where_nobody_gives_it(fake: Any) -> None:
    sweep = fake(lambda ids: Tally())

    _pretend()()

    instants = {now for _, now, _ in sweep.asked}
    assert len(instants) == 1
    assert abs(datetime.now(UTC) - instants.pop()) < timedelta(minutes=5)


@ON_ONE_DATABASE
def test_now_without_a_zone_is_refused(fake: Any) -> None:
    from flows.rescore import rescore

    state = rescore(now=datetime(2026, 3, 2, 10), return_state=True)  # noqa: DTZ001

    assert state.is_failed()
    assert "timezone" in (state.message or "")


@ON_ONE_DATABASE
def test_a_failed_batch_does_not_stop_the_others_and_fails_the_run(fake: Any) -> None:
    def answer(ids: range) -> Tally:
        if 1 in ids:
            raise ValueError(QUOTING)
        return Tally.of(done=len(ids))

    sweep = fake(answer)

    state = _pretend()(return_state=True)

    assert state.is_failed()
    assert len(sweep.asked) == 2


@ON_ONE_DATABASE
def test_an_unforeseen_errors_own_words_are_withheld(fake: Any) -> None:
    def answer(ids: range) -> Tally:
        raise ValueError(QUOTING)

    fake(answer)

    state = _pretend()(return_state=True)

    with pytest.raises(Withheld, match="ValueError, its words withheld since they may name people: `ripeline run pretend`"):
        state.result()
    assert "ada" not in (state.message or "")


@ON_ONE_DATABASE
def test_a_refusal_ends_the_run_at_once_with_its_sentence(fake: Any) -> None:
    def answer(ids: range) -> Tally:
        raise Refusal("no sender is set: set RIPELINE_SENDER_ADDRESS")

    sweep = fake(answer)

    state = _pretend(retries=2)(return_state=True)

    assert state.is_failed()
    assert "no sender is set: set RIPELINE_SENDER_ADDRESS" in (state.message or "")
    assert len(sweep.asked) == 1


@ON_ONE_DATABASE
def test_what_may_pass_is_tried_again(fake: Any) -> None:
    def answer(ids: range) -> Tally:
        if len(sweep.asked) == 1:
            raise Refusal("the database cannot be used (it restarts)", 3)
        return Tally.of(done=1)

    sweep = fake(answer)

    assert _pretend(retries=2)()["done"] == 2
    assert len(sweep.asked) == 3


def test_a_run_leaves_a_row_with_its_counts(fake: Any, at_work: str) -> None:
    fake(lambda ids: Tally.of(done=1))

    _pretend()(now=NOW)

    with open_session(at_work, writes=False) as session:
        run = session.exec(select(SweepRun)).one()
    assert (run.sweep, run.now, run.counts) == ("pretend", NOW, {"done": 2})
    assert run.ended_at


@ON_ONE_DATABASE
def test_counts_become_one_page_and_one_table(fake: Any, prefect_server: str) -> None:
    fake(lambda ids: Tally.of(leads_scored=7))

    _pretend()(now=NOW)

    by_key = {each["key"]: each for each in reversed(_artifacts(prefect_server))}
    assert "| leads scored | 14 |" in by_key["ripeline-pretend"]["data"]
    assert '"leads_scored": 7' in by_key["ripeline-pretend-batches"]["data"]


@ON_ONE_DATABASE
def test_a_run_that_did_nothing_leaves_no_artifact(fake: Any, prefect_server: str) -> None:
    fake(lambda ids: Tally.of(done=0))
    before = len(_artifacts(prefect_server))

    _pretend()()

    assert len(_artifacts(prefect_server)) == before


@ON_ONE_DATABASE
@pytest.mark.parametrize(
    ("done", "dry_run", "nudges"),
    [
        pytest.param(3, False, 1, id="one for the whole run, whatever the number of batches"),
        pytest.param(0, False, 0, id="none where nothing changed"),
        pytest.param(3, True, 0, id="none from a dry run"),
    ],
)
def test_the_next_sweep_is_nudged_once(fake: Any, emitted: Callable[[], list[Any]], done: int, dry_run: bool, nudges: int) -> None:
    fake(lambda ids: Tally.of(done=done))

    _pretend()(dry_run=dry_run)

    assert [event.resource.id for event in emitted()] == ["ripeline.sweep.pretend"] * nudges
