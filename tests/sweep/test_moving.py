"""Moving people in flight to an edited track: by the plan, to nobody twice, and nobody loses their place."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from laws import tried
from people import NOW, a_lead
from sqlmodel import Session, col, select
from tracks import in_track, with_touches

from models import Enrolment, Message, MessageState
from ripeline.decide.lineage import Names, lineage
from ripeline.decide.place import still_to_come
from ripeline.playbook import applied
from ripeline.playbook.playbook import Playbook
from ripeline.settings import Settings
from ripeline.sweep.plan import Move, differences, due_to_move, move_people
from ripeline.sweep.schedule import schedule
from ripeline.values import Tally

EVERYBODY = range(1, 10_000)
DAY = timedelta(days=1)

Rows = set[tuple[int, str, Any]]
Known = Callable[..., Playbook]


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> Known:
    """Give a function that makes a playbook of touches by their names, and keeps it as if it were stored. `was`: former names by new ones."""

    def make(*names: str, was: Mapping[str, str] | None = None, **changes: Any) -> Playbook:
        touches = [{"name": name, "wait": "2 days", "template": "case-study"} | ({"was": was[name]} if was and name in was else {}) for name in names]
        playbook = with_touches(*touches, **changes)
        monkeypatch.setitem(applied._parsed, playbook.hash, playbook)
        return playbook

    return make


def everywhere(session: Session, live: Playbook, settings: Settings) -> list[list[str]]:
    """Put a lead at each place of the live track, the first with nothing behind it; return what each had."""
    names = [touch.name for touch in live.tracks["proof"].touches]
    leads = [in_track(session, live, a_lead(), entered_at=NOW).lead_id for _ in range(len(names) + 1)]
    for step in range(len(names)):
        schedule(session, EVERYBODY, live, now=NOW, settings=settings)
        accept(session, leads[step + 1 :])
    schedule(session, EVERYBODY, live, now=NOW, settings=settings)
    return [names[:place] for place in range(len(names) + 1)]


def accept(session: Session, leads: list[int] | None = None) -> None:
    """Let everything that waits, or what waits for these leads, go out when it is due."""
    waiting = sa.update(Message).where(col(Message.state) == MessageState.SCHEDULED, *([] if leads is None else [col(Message.lead_id).in_(leads)]))
    session.execute(waiting.values(state=MessageState.ACCEPTED, accepted_at=Message.due_at).execution_options(synchronize_session=False))
    session.commit()


def waiting(session: Session) -> Rows:
    rows = session.exec(select(Message).where(Message.state == MessageState.SCHEDULED)).all()
    found = {(row.lead_id, row.touch, row.due_at) for row in rows}
    session.rollback()
    return found


def sent(session: Session) -> dict[int, list[str]]:
    """Return what each lead got, in order."""
    found: dict[int, list[str]] = {}
    for row in session.exec(select(Message).where(Message.state == MessageState.ACCEPTED).order_by(col(Message.accepted_at))).all():
        found.setdefault(row.lead_id, []).append(row.touch)
    session.rollback()
    return found


def moved(session: Session, live: Playbook, edited: Playbook, settings: Settings) -> Tally:
    names = lineage(Names.of(name, track) for book in (live, edited) for name, track in book.tracks.items())
    return move_people(session, EVERYBODY, Move(live, edited, names), now=NOW, settings=settings)


def to_the_end(session: Session, playbook: Playbook, settings: Settings) -> None:
    """Let everybody go through what is left of their track."""
    for day in range(8):
        told = schedule(session, EVERYBODY, playbook, now=NOW + 2 * day * DAY, settings=settings)
        accept(session)
        if day and not told["planned"]:
            return


@st.composite
def edits(draw: st.DrawFn) -> tuple[list[str], list[str], dict[str, str]]:
    """Return the touches of a track, those of the edited one, and the former names of those that were renamed."""
    old = draw(st.lists(st.sampled_from(["a", "b", "c", "d"]), min_size=1, max_size=4, unique=True))
    kept = draw(st.lists(st.sampled_from(old), unique=True))
    fresh = draw(st.lists(st.sampled_from(["x", "y"]), unique=True))
    order = draw(st.permutations(kept + fresh)) or ["z"]
    renamed = draw(st.sets(st.sampled_from(kept))) if kept else set()
    return old, [f"{name}-new" if name in renamed else name for name in order], {f"{name}-new": name for name in renamed}


@given(edits())
@tried(3, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_apply_does_what_plan_said_whatever_the_edit_and_nobody_gets_anything_twice(session, settings, known, edit):
    clear(session)
    old, new, was = edit
    live, edited = known(*old), known(*new, was=was)
    had = everywhere(session, live, settings)
    before = {(lead, edited.tracks["proof"].renamed.get(touch, touch), at) for lead, touch, at in waiting(session)}

    said = differences(session, EVERYBODY, live, edited, NOW, settings.key).messages
    moved(session, live, edited, settings)
    schedule(session, EVERYBODY, edited, now=NOW, settings=settings)

    after = waiting(session)
    assert before - after == set(said.filter("was_next").select("lead_id", "touch", "old_at").iter_rows())
    assert after - before == set(said.filter("is_next").select("lead_id", "touch", "new_at").iter_rows())
    to_the_end(session, edited, settings)
    got = sent(session)
    for number, (behind, lead) in enumerate(zip(had, leads_of(session), strict=True)):
        names = [edited.tracks["proof"].renamed.get(name, name) for name in behind]
        assert got.get(lead, []) == [*names, *still_to_come(live.tracks["proof"], edited.tracks["proof"], behind)], f"at place {number}"


def leads_of(session: Session) -> list[int]:
    found = list(session.exec(select(Enrolment.lead_id).order_by(col(Enrolment.lead_id))))
    session.rollback()
    return found


def clear(session: Session) -> None:
    for table in reversed(Message.metadata.sorted_tables):
        session.execute(table.delete())
    session.commit()


def test_going_back_gives_everybody_the_plan_they_had(session, settings, known):
    live, edited = known("a", "b", "c"), known("x", "c", "a")
    everywhere(session, live, settings)
    before = waiting(session)

    moved(session, live, edited, settings)
    moved(session, edited, live, settings)
    schedule(session, EVERYBODY, live, now=NOW, settings=settings)

    assert waiting(session) == before


def test_whoever_is_moved_is_bound_to_the_live_version_and_moving_again_finds_nobody(session, settings, known):
    live, edited = known("a", "b"), known("a", "x", "b")
    everywhere(session, live, settings)

    assert due_to_move(session, edited, batch_size=2) == [range(1, 3), range(3, 4)]
    first, second = moved(session, live, edited, settings), moved(session, live, edited, settings)

    assert (first.counts["moved"], second.counts) == (3, {})
    assert due_to_move(session, edited, batch_size=2) == []


def test_a_dry_run_moves_nobody(session, settings, known):
    live, edited = known("a", "b"), known("x", "b")
    everywhere(session, live, settings)
    before = waiting(session)

    told = move_people(session, EVERYBODY, Move(live, edited, lineage([])), now=NOW, settings=settings, dry_run=True)

    assert told.counts["moved"] == 3
    assert waiting(session) == before
    assert due_to_move(session, edited, batch_size=9) == [range(1, 4)]


def test_what_a_worker_holds_goes_as_it_was_written(session, settings, known):
    live, edited = known("a", "b"), known("x", "b")
    everywhere(session, live, settings)
    held = sa.update(Message).where(col(Message.lead_id) == 1).values(state=MessageState.CLAIMED, lease_token="w", lease_until=NOW + DAY)
    session.execute(held.execution_options(synchronize_session=False))
    session.commit()

    moved(session, live, edited, settings)

    assert [row.touch for row in session.exec(select(Message).where(Message.lead_id == 1))] == ["a"]


def test_a_touch_taken_out_is_told_so_and_a_track_that_is_gone_lets_everybody_go(session, settings, known):
    live, edited = known("a", "b"), known("b")
    everywhere(session, live, settings)

    moved(session, live, edited, settings)

    assert {(row.touch, row.reason) for row in session.exec(select(Message).where(Message.state == MessageState.CANCELLED))} == {
        ("a", "taken out of its track by an edit")
    }
    session.rollback()
    nothing = replace(edited, hash="nothing", tracks={})
    assert moved(session, edited, nothing, settings).counts["ended"] == 3
    assert {row.ended_because for row in session.exec(select(Enrolment))} == {"the track is gone from the playbook"}
    assert waiting(session) == set()


def test_a_lead_that_went_on_to_a_later_touch_never_comes_back_to_what_lies_between(session, settings, known):
    live, edited = known("a", "b", "c", "d"), known("a", "d", "c", "b")
    everywhere(session, live, settings)
    went_on = sa.update(Message).where(col(Message.lead_id) == 2, col(Message.touch) == "a").values(variant="go_to:c")
    session.execute(went_on.execution_options(synchronize_session=False))
    session.execute(sa.delete(Message).where(col(Message.lead_id) == 2, col(Message.touch) == "b"))
    session.commit()
    schedule(session, EVERYBODY, live, now=NOW, settings=settings)

    moved(session, live, edited, settings)
    to_the_end(session, edited, settings)

    assert sent(session)[2] == ["a", "d", "c"]


DATED = {"name": "renewal", "template": "pricing-overview", "on": "contract_ends", "before": "30 days"}


@pytest.fixture
def halfway(session: Session, settings: Settings, known: Known) -> Playbook:
    """Give a live playbook of two touches: a lead, whose contract ends in June, got the first one, and waits for the second."""
    live = known("a", "b")
    lead = in_track(session, live, a_lead(zone="UTC", more={"contract_ends": "2026-06-01"}), entered_at=NOW).lead_id
    schedule(session, EVERYBODY, live, now=NOW, settings=settings)
    accept(session, [lead])
    schedule(session, EVERYBODY, live, now=NOW, settings=settings)
    return live


def edited_to(monkeypatch: pytest.MonkeyPatch, *touches: Mapping[str, object]) -> Playbook:
    edited = with_touches(*touches)
    monkeypatch.setitem(applied._parsed, edited.hash, edited)
    return edited


@pytest.mark.parametrize("place", [pytest.param(1, id="before the next one"), pytest.param(2, id="at the end")])
def test_a_touch_that_goes_by_a_date_comes_into_a_track_for_those_who_are_in_it(session, settings, halfway, monkeypatch, place):
    a, b = (touch.model_dump(exclude_unset=True) for touch in halfway.tracks["proof"].touches)
    touches: list[Mapping[str, object]] = [a, b | {"wait": "3 days"}]
    touches.insert(place, DATED)
    edited = edited_to(monkeypatch, *touches)

    said = differences(session, EVERYBODY, halfway, edited, NOW, settings.key).messages
    moved(session, halfway, edited, settings)
    to_the_end(session, edited, settings)

    assert said.filter(touch="renewal", change="appears")["new_at"].dt.date().to_list() == [date(2026, 5, 2)]
    assert {row.touch: row.due_at.date() for row in session.exec(select(Message))}["renewal"] == date(2026, 5, 2)
    assert session.exec(select(Message.touch).where(Message.state == MessageState.CANCELLED)).all() == []


def test_a_plan_shows_a_dated_touch_to_whoever_enters_by_the_edit(session, settings, known, monkeypatch):
    live = known("a", enter={"when": "FALSE"})
    lead = in_track(session, live, a_lead(zone="UTC", more={"contract_ends": "2026-06-01"}), entered_at=NOW)
    session.delete(lead)
    session.commit()

    said = differences(session, EVERYBODY, live, edited_to(monkeypatch, DATED), NOW, settings.key).messages

    assert said.select("change", "touch").rows() == [("appears", "renewal")]


@pytest.mark.parametrize(
    ("late", "reason"),
    [
        pytest.param({"name": "x", "template": "case-study", "wait": "1 hour", "expires": "2 hours"}, "expired before it could go", id="its time is over"),
        pytest.param(
            {"name": "x", "template": "case-study", "on": date(2026, 3, 1)}, "skipped: its day, 2026-03-01, was past when its turn came", id="its day is past"
        ),
        pytest.param(
            {"name": "x", "template": "case-study", "on": date(2026, 3, 4)},
            "skipped: its day, 2026-03-04, was past when its turn came",
            id="it passed while they waited",
        ),
    ],
)
def test_a_touch_put_in_ahead_that_comes_too_late_is_skipped_and_never_follows_the_one_behind_it(session, settings, halfway, monkeypatch, late, reason):
    a, b = (touch.model_dump(exclude_unset=True) for touch in halfway.tracks["proof"].touches)
    edited, now = edited_to(monkeypatch, a, late, b), NOW + 3 * DAY
    before = waiting(session)

    names = lineage(Names.of(name, track) for book in (halfway, edited) for name, track in book.tracks.items())
    tally = move_people(session, EVERYBODY, Move(halfway, edited, names), now=now, settings=settings)

    assert (waiting(session), tally["expired"]) == (before, 1)
    assert session.exec(select(Message.touch, Message.reason).where(Message.state == MessageState.CANCELLED)).all() == [("x", reason)]
    session.rollback()
    to_the_end(session, edited, settings)
    assert sent(session)[1] == ["a", "b"]
