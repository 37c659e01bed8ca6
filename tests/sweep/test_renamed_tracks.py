"""A track that was renamed is the same track: people keep their place in it, its history counts, and nobody gets anything twice."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from mailing import a_message, saved
from people import NOW, a_lead, ada, kenji
from sqlmodel import Session, col, select
from tracks import in_track, shipped, with_touches

from models import Enrolment, Message, MessageState, PlaybookApplication, PlaybookVersion, SuppressionReason
from ripeline.decide.lineage import Names, lineage
from ripeline.playbook import applied
from ripeline.playbook.playbook import Playbook
from ripeline.report.results.reading import read_results
from ripeline.settings import Settings
from ripeline.sweep.deliver.asking import standing
from ripeline.sweep.plan import Move, differences, move_people
from ripeline.sweep.schedule import schedule
from ripeline.sweep.segment import segment
from ripeline.sweep.suppressing import hashes_of, scope_of, suppress
from ripeline.values import Tally

EVERYBODY = range(1, 1000)
DAY = timedelta(days=1)
TOUCHES: tuple[dict[str, Any], ...] = tuple({"name": name, "wait": "2 days", "template": "case-study"} for name in ("first", "second"))

Called = Callable[..., Playbook]


@pytest.fixture
def called(session: Session, monkeypatch: pytest.MonkeyPatch) -> Called:
    """Give a function that makes a playbook whose one track has this name, applies it, and keeps it as if it were stored whole."""

    def make(name: str, *touches: dict[str, Any], of: Playbook | None = None, **track: Any) -> Playbook:
        made = with_touches(*(touches or TOUCHES), of=of, **track)
        playbook = replace(made, tracks={name: made.tracks["proof"]}, hash=f"{made.hash} of {name}")
        monkeypatch.setitem(applied._parsed, playbook.hash, playbook)
        names = playbook.tracks[name]
        text = f"was = {list(names.was)}\n" + "".join(f'[[touch]]\nname = "{each.name}"\nwas = {list(each.was)}\n' for each in names.touches)
        saved(session, PlaybookVersion(hash=playbook.hash, files={f"playbook/tracks/{name}.toml": text}, created_at=NOW, created_by="a test"))
        saved(session, PlaybookApplication(hash=playbook.hash, applied_at=NOW, applied_by="a test"))
        return playbook

    return make


def moved(session: Session, live: Playbook, edited: Playbook, settings: Settings) -> Tally:
    names = lineage(Names.of(name, track) for book in (live, edited) for name, track in book.tracks.items())
    return move_people(session, EVERYBODY, Move(live, edited, names), now=NOW, settings=settings)


def rows(session: Session) -> list[tuple[Any, ...]]:
    """Return every touch: whose, in what track, what, when and under which key."""
    query = select(Message, Enrolment).where(Message.enrolment_id == Enrolment.id).order_by(col(Message.lead_id), col(Message.due_at))
    found = [(message.lead_id, enrolment.track, message.touch, message.due_at, message.state, message.key) for message, enrolment in session.exec(query)]
    session.rollback()
    return found


def accept(session: Session) -> None:
    waiting = sa.update(Message).where(col(Message.state) == MessageState.SCHEDULED)
    session.execute(waiting.values(state=MessageState.ACCEPTED, accepted_at=Message.due_at).execution_options(synchronize_session=False))
    session.commit()


def test_everybody_goes_on_at_their_place_with_what_waited_and_nobody_gets_a_touch_twice(session: Session, settings: Settings, called: Called) -> None:
    live = called("old")
    saved(session, ada(), kenji())
    in_track(session, live, a_lead(), track="old", entered_at=NOW - 3 * DAY)
    schedule(session, EVERYBODY, live, now=NOW - 3 * DAY, settings=settings)
    accept(session)
    in_track(session, live, a_lead(), track="old")
    schedule(session, EVERYBODY, live, now=NOW, settings=settings)
    before = rows(session)
    edited = called("new", was="old")

    said = differences(session, EVERYBODY, live, edited, NOW, settings.key)
    session.rollback()
    tally = moved(session, live, edited, settings)
    schedule(session, EVERYBODY, edited, now=NOW, settings=settings)

    assert (said.messages.height, said.leaves.height, said.renamed.rows()) == (0, 0, [("old", "new", 2)])
    assert (tally.counts["moved"], tally.counts["renamed"]) == (2, 2)
    assert rows(session) == [(lead, "new", *rest) for lead, _, *rest in before]
    assert {row[2] for row in before} == {"first", "second"}


def test_a_track_and_its_touches_may_be_renamed_at_once_and_back(session: Session, settings: Settings, called: Called) -> None:
    live = called("old")
    in_track(session, live, track="old")
    schedule(session, EVERYBODY, live, now=NOW, settings=settings)
    before = rows(session)
    edited = called("new", TOUCHES[0] | {"name": "hello", "was": "first"}, TOUCHES[1], was="old")

    moved(session, live, edited, settings)
    there = rows(session)
    moved(session, edited, live, settings)

    assert [(track, touch) for _, track, touch, *_ in there] == [("new", "hello")]
    assert rows(session) == before


@pytest.mark.parametrize("again", ["never", "after 90 days"])
def test_who_left_it_under_its_old_name_has_left_it(session: Session, called: Called, again: str) -> None:
    live = called("old")
    enrolment = in_track(session, live, track="old")
    enrolment.ended_at, enrolment.ended_because = NOW - DAY, "a test"
    saved(session, enrolment)
    edited = called("new", was="old", enter={"when": "TRUE", "again": again})

    tally = segment(session, EVERYBODY, edited, now=NOW)

    assert tally["judged"] == 1
    assert tally["entered"] == 0


def test_who_left_it_under_both_names_enters_it_once(session: Session, called: Called) -> None:
    live = called("old")
    edited = called("new", was="old", enter={"when": "TRUE", "again": "always"})
    first = in_track(session, live, track="old")
    second = Enrolment(lead_id=first.lead_id, track="new", group="nurture", version=edited.hash, entered_at=NOW - DAY)
    for enrolment in (first, second):
        enrolment.ended_at, enrolment.ended_because = NOW - DAY, "a test"
    saved(session, first, second)

    assert segment(session, EVERYBODY, edited, now=NOW)["entered"] == 1


@pytest.mark.parametrize("group", ["nurture", "another"])
def test_who_stays_in_it_under_its_old_name_cannot_enter_it_beside(session: Session, called: Called, group: str) -> None:
    live = called("old")
    in_track(session, live, track="old")
    edited = called("new", was="old", group=group)

    tally = segment(session, EVERYBODY, edited, now=NOW)

    assert (tally["judged"], tally["entered"], tally["left"]) == (1, 0, 0)


def test_who_unsubscribed_from_it_under_its_old_name_gets_nothing_of_it(session: Session, settings: Settings, called: Called) -> None:
    live = called("old")
    lead = ada()
    enrolment = in_track(session, live, lead, track="old")
    key, given = lead.address_key, {"at": NOW, "now": NOW, "pepper": settings.key}
    suppress(session, key, SuppressionReason.UNSUBSCRIBED, "a test", scope=scope_of("old"), **given)
    saved(session, enrolment)
    edited = called("new", was="old")
    moved(session, live, edited, settings)

    tally = schedule(session, EVERYBODY, edited, now=NOW, settings=settings)
    waiting = saved(session, a_message(lead, enrolment_id=enrolment.id))
    asked = {"message_id": waiting.id, "hashes": hashes_of(key, settings.key), "now": NOW}

    assert (tally["planned"], tally["suppressed"]) == (0, 1)
    for renamed, reason in (((scope_of("old"), "new"),), SuppressionReason.UNSUBSCRIBED), ((), None):
        assert session.execute(standing(), asked | {"renamed": renamed}).one()[1] == reason


def test_its_results_count_under_the_name_of_today(session: Session, settings: Settings, called: Called) -> None:
    live = called("old")
    ended = in_track(session, live, ada(), track="old")
    schedule(session, EVERYBODY, live, now=NOW, settings=settings)
    accept(session)
    ended.ended_at, ended.ended_because = NOW + 9 * DAY, "goal reached: did('meeting_booked')"
    saved(session, ended)
    edited = called("new", TOUCHES[0] | {"name": "hello", "was": "first"}, of=shipped(), was="old")
    in_track(session, edited, kenji(), track="new")

    found = read_results(session, NOW - DAY, NOW + DAY, track="new")

    assert [(line.track, line.entered, line.goal) for line in found.tracks] == [("new", 2, 1)]
    assert [(line.track, line.touch, line.sent) for line in found.touches] == [("new", "hello", 1)]
