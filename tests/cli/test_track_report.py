"""`ripeline track report`: from the rows that segment, schedule and deliver leave behind to what people read."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from commands import Run
from people import NOW, a_lead, an_event
from sqlmodel import Session

from models import Actor, Enrolment, Message, MessageKind, MessageState, PlaybookApplication, PlaybookVersion, Role, Score
from ripeline.database import open_session
from ripeline.decide.touch import HOLD_OUT
from ripeline.playbook.files import content_hash
from ripeline.sweep.schedule.gather import HELD_OUT
from ripeline.values import message_id

DAY = timedelta(days=1)
TRACK = """
title = "Calls"
[enter]
when = "total >= 0"
[leave]
when = "total < 0"
goal = "did('meeting_booked')"
[[touch]]
name     = "call"
wait     = "1 day"
split    = { "book-a-call" = 1, "book-a-call-reminder" = 1 }
hold_out = 20
"""


@pytest.fixture(scope="session")
def calls(files: dict[str, str]) -> dict[str, str]:
    """Give the files of a playbook with one track, which draws lots."""
    parts = {path: text for path, text in files.items() if path.startswith("playbook/") and "/tracks/" not in path}
    return {**parts, "playbook/tracks/calls.toml": TRACK}


@pytest.fixture
def counted(ask: Run, url: str, calls: dict[str, str]) -> Run:
    """Give `run` on a base where four leads got a letter or were held out, a fifth waits, and machines clicked too."""
    with open_session(url) as session:
        version = _live(session, calls)
        clicked = _enrolled(session, version, "book-a-call", MessageState.ACCEPTED, market="jp", ended_because="goal reached: did('meeting_booked')")
        session.add(an_event(clicked[0], "mail_clicked", NOW + DAY, touch="call"))
        scanned = _enrolled(session, version, "book-a-call-reminder", MessageState.ACCEPTED, ended_because="total < 0")
        session.add(an_event(scanned[0], "mail_clicked", NOW + DAY, touch="call", actor=Actor.MACHINE))
        _enrolled(session, version, HOLD_OUT, MessageState.CANCELLED, reason=f"{HELD_OUT}: gets nothing")
        _enrolled(session, version, "book-a-call", MessageState.REJECTED)
        _enrolled(session, version, HOLD_OUT, MessageState.SCHEDULED)
        session.commit()
    return ask


def _live(session: Session, files: dict[str, str]) -> str:
    version = content_hash(files)
    session.add(PlaybookVersion(hash=version, files=files, created_at=NOW, created_by="test"))
    session.flush()
    session.add(PlaybookApplication(hash=version, applied_at=NOW, applied_by="test"))
    return version


def _enrolled(
    session: Session, version: str, variant: str, state: MessageState, *, reason: str = "", market: str | None = None, ended_because: str | None = None
) -> tuple[Any, Message]:
    lead = a_lead()
    session.add(lead)
    session.flush()
    assert lead.id is not None
    ended_at = NOW + 2 * DAY if ended_because else None
    score = Score(lead_id=lead.id, role=Role.LIVE, fit=0, engagement=0, total=0, grade="D4", market=market, version="", as_of=NOW, scored_seq=1)
    enrolment = Enrolment(
        lead_id=lead.id, track="calls", group="nurture", version=version, entered_at=NOW - DAY, ended_at=ended_at, ended_because=ended_because
    )
    session.add_all([score, enrolment])
    session.flush()
    key = f"touch:{enrolment.id}:call"
    accepted_at = NOW if state is MessageState.ACCEPTED else None
    letter = Message(
        id=message_id(key), key=key, kind=MessageKind.TOUCH, lead_id=lead.id, enrolment_id=enrolment.id, touch="call", template="email/book-a-call",
        variant=variant, version=version, local_at="2026-03-02T11:00:00", zone="Europe/Berlin", due_at=NOW, state=state, reason=reason, mail_id=f"<{key}@x>",
        planned_at=NOW - DAY, accepted_at=accepted_at,
    )  # fmt: skip
    session.add(letter)
    session.flush()
    return lead, letter


def test_each_row_counts_as_what_became_of_it(counted: Run) -> None:
    told = counted("track", "report", "calls", "--until", (NOW + DAY).isoformat(), "--json").told

    assert [(line["entered"], line["goal"], line["left"], line["open"]) for line in told["tracks"]] == [(5, 1, 1, 3)]
    lines = {line["variant"]: line for line in told["touches"]}
    assert {name: (line["planned"], line["turned"], line["sent"], line["clicked"], line["goal"], line["left"]) for name, line in lines.items()} == {
        "book-a-call": (2, 2, 1, 1, 1, 0), "book-a-call-reminder": (1, 1, 1, 0, 0, 1), HOLD_OUT: (2, 1, 0, 0, 0, 0),
    }  # fmt: skip
    assert {(each["variant"], each["control"]) for each in told["contests"]} == {("book-a-call", HOLD_OUT), ("book-a-call-reminder", HOLD_OUT)}
    assert told["ratios"][0]["expected"] == pytest.approx({HOLD_OUT: 0.8, "book-a-call": 1.6, "book-a-call-reminder": 1.6})
    assert told["why_left"] == {"calls": {"total < 0": 1}}


def test_a_market_and_a_time_narrow_it_down(counted: Run) -> None:
    everywhere = counted("track", "report", "--json").told
    japan = counted("track", "report", "--market", "jp", "--json").told
    later = counted("track", "report", "--since", NOW.isoformat(), "--json").told

    assert [(line["market"], line["entered"]) for line in everywhere["markets"]] == [("jp", 1), (None, 4)]
    assert [line["entered"] for line in japan["tracks"]] == [1]
    assert later["tracks"] == []


def test_people_read_tables_and_get_a_page(counted: Run, tmp_path: Path) -> None:
    answer = counted("track", "report", "--html", tmp_path / "calls.html")

    page = (tmp_path / "calls.html").read_text(encoding="utf-8")
    for words in ("1 of 5 who entered reached the goal", "Variants against the held-out", "held out", "(no market)", "as drawn"):
        assert words in answer.said
        assert words in page
    assert "@example.com" not in page


@pytest.mark.parametrize(("words", "said"), [(("nowhere",), "no track 'nowhere'"), (("--market", "atlantis"), "no market 'atlantis'")])
def test_an_unknown_track_or_market_is_refused_with_those_there_are(counted: Run, words: tuple[str, ...], said: str) -> None:
    answer = counted("track", "report", *words)

    assert answer.exit_code == 2
    assert said in answer.said
    assert "there are: " in answer.said
