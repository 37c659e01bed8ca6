"""Days pass over a copy of the base: the sweeps are the live ones, and only chance is made up."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from people import NOW
from sqlmodel import col

from models import Enrolment, Message, MessageKind
from ripeline.database import open_session
from ripeline.settings import Settings
from ripeline.simulate import machine
from ripeline.simulate.base import copied
from ripeline.simulate.clock import on_grid
from ripeline.simulate.figures import Flow
from ripeline.simulate.run import Candidate, Outcome, applied_in, private
from ripeline.sweep.run import run_sweep
from ripeline.values import Refusal

Passed = Callable[..., Outcome]
READER = 6


def test_what_is_foretold_is_what_the_live_sweeps_then_do(outcome: Outcome, base_url: str, rehearsal: Settings, tmp_path: Path) -> None:
    copied(base_url, tmp_path / "copy.db")
    live = private(tmp_path / "copy.db", tmp_path / "live.db")
    for name in ("rescore", "segment"):
        run_sweep(live, name, now=NOW)
    for name in ("handoff", "schedule"):
        run_sweep(live, name, now=NOW, settings=rehearsal)
    with open_session(live, writes=False) as session:
        query = sa.select(col(Message.due_at)).where(col(Message.kind) == MessageKind.TOUCH, col(Message.lead_id) == READER)
        first = session.execute(query).scalar_one_or_none()

    mails = [moment.at for moment in outcome.figures[0].calendar if moment.what == "mail"]

    assert first is not None
    assert mails[0] == on_grid(first, timedelta(minutes=1))


def test_the_same_seed_gives_the_same_days_in_whatever_batches(outcome: Outcome, passed: Passed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "BATCH", 3)
    monkeypatch.setattr(machine, "MAILS_AT_ONCE", 1)

    in_threes = passed(lead=READER)

    assert in_threes.figures[0] == outcome.figures[0]


def test_mails_go_in_their_readers_hours_and_never_on_a_weekend(outcome: Outcome) -> None:
    told = outcome.figures[0]

    assert told.mails > 10
    assert all(8 <= hour < 18 for hour in told.by_hour)
    assert not {5, 6} & set(told.by_weekday)
    assert sum(sum(hours.values()) for hours in told.by_zone.values()) == told.mails == sum(line.sent for line in told.touches)


def test_flows_lose_nobody_between_two_checkpoints(outcome: Outcome) -> None:
    told = outcome.figures[0]

    for number in range(len(told.checkpoints) - 2):
        arrive = _by(told.flows, number, "target")
        depart = _by(told.flows, number + 1, "source")
        assert arrive == depart


def _by(flows: Sequence[Flow], checkpoint: int, end: str) -> Mapping[str, int]:
    counts: dict[str, int] = {}
    for flow in flows:
        if flow.checkpoint == checkpoint:
            counts[getattr(flow, end)] = counts.get(getattr(flow, end), 0) + flow.leads
    return counts


def test_one_track_is_told_alone(outcome: Outcome, both: Outcome) -> None:
    told = both.figures[0]

    assert {line.track for line in told.touches} == {told.track} < {line.track for line in outcome.figures[0].touches}
    assert told.mails == sum(line.sent for line in told.touches) > 0


def test_a_playbook_that_was_never_applied_can_be_tried(both: Outcome) -> None:
    live, other = both.figures

    assert live.playbook != other.playbook
    assert live.by_hour != other.by_hour


def test_people_in_flight_move_to_a_playbook_that_is_tried_as_apply_moves_them(
    base_url: str, candidate: Candidate, rehearsal: Settings, tmp_path: Path
) -> None:
    copied(base_url, tmp_path / "copy.db")
    tried = private(tmp_path / "copy.db", tmp_path / "tried.db")
    for name in ("rescore", "segment"):
        run_sweep(tried, name, now=NOW)

    playbook = applied_in(tried, candidate.files or {}, NOW, rehearsal)

    with open_session(tried, writes=False) as session:
        assert set(session.execute(sa.select(col(Enrolment.version)).where(col(Enrolment.ended_at).is_(None))).scalars()) == {playbook.hash}


def test_an_unknown_track_is_refused_before_anything_is_copied(passed: Passed) -> None:
    with pytest.raises(Refusal, match="no track 'decison' in the live playbook"):
        passed(track="decison")


@pytest.mark.parametrize("hours", [1, 3, 24])
def test_the_grid_is_never_before_what_is_due(hours: int) -> None:
    step, due = timedelta(hours=hours), NOW + timedelta(minutes=17, microseconds=1)

    at = on_grid(due, step)

    assert due <= at < due + step
    assert on_grid(at, step) == at
