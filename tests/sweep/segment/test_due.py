"""Who is judged: whoever has news, once, by the rules of the version they entered by."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from judging import a_scored, rescored, swept, track_of
from people import NOW
from shipped import IN_ENGLISH
from sqlmodel import Session, select

from models import Enrolment, ScoreChange, Stage
from ripeline.database import open_session
from ripeline.playbook.applied import apply_files
from ripeline.playbook.playbook import Playbook
from ripeline.sweep.segment import due, segment
from ripeline.values import Tally


def test_judging_twice_changes_nothing(session: Session, playbook: Playbook) -> None:
    a_scored(session, 30)
    swept(session, playbook)

    assert due(session, playbook, now=NOW, batch_size=10) == []
    assert str(segment(session, range(1, 100), playbook, now=NOW)) == "nothing to do"


def test_two_at_once_enrol_each_lead_once(url: str, session: Session, playbook: Playbook) -> None:
    leads = [a_scored(session, total).id for total in (10, 30, 60)]
    session.rollback()

    def one(_: int) -> Tally:
        with open_session(url) as own:
            return segment(own, range(1, 100), playbook, now=NOW)

    with ThreadPoolExecutor(2) as pool:
        tallies = list(pool.map(one, range(2)))

    assert sum(tally["entered"] for tally in tallies) == 3
    assert sorted(session.exec(select(Enrolment.lead_id))) == leads
    assert len(session.exec(select(ScoreChange)).all()) == 1


def test_a_dry_run_tells_what_it_would_do_and_does_nothing(session: Session, playbook: Playbook) -> None:
    lead = a_scored(session, 60)

    tally = swept(session, playbook, dry_run=True)

    assert (tally["entered"], tally["moved"]) == (1, 1)
    assert (track_of(session, lead), lead.stage) == (None, Stage.LEAD)


def test_due_ranges_hold_as_many_leads_as_asked_for(session: Session, playbook: Playbook) -> None:
    ids = [a_scored(session, 10).id for _ in range(7)]

    ranges = due(session, playbook, now=NOW, batch_size=3)

    assert [sum(lead in each for lead in ids) for each in ranges] == [3, 3, 1]


def test_of_a_wide_range_those_found_due_are_judged_and_nobody_twice(session: Session, playbook: Playbook) -> None:
    leads = [a_scored(session, 10) for _ in range(12)]
    swept(session, playbook)
    for lead in (leads[0], leads[-1]):
        rescored(session, lead, 60)

    ranges = due(session, playbook, now=NOW, batch_size=10)
    rescored(session, leads[5], 60)
    first, again = (segment(session, ranges[0], playbook, now=NOW) for _ in range(2))

    assert (first["judged"], again["judged"]) == (2, 1), "who came to be due after the look is the next run's"
    assert due(session, playbook, now=NOW, batch_size=10) == []


def test_new_rules_judge_everybody_once_and_a_new_template_nobody(session: Session, playbook: Playbook) -> None:
    a_scored(session, 30)
    swept(session, playbook)
    mail = next(path for path in IN_ENGLISH if path.startswith("templates/email/case-study/"))
    reworded = apply_files(session, IN_ENGLISH | {mail: IN_ENGLISH[mail] + " "}, now=NOW, by="a test")
    stricter = apply_files(session, IN_ENGLISH | {"playbook/stages.toml": IN_ENGLISH["playbook/stages.toml"].replace(">= 50", ">= 30")}, now=NOW, by="a test")

    assert due(session, reworded, now=NOW, batch_size=10) == []
    assert len(due(session, stricter, now=NOW, batch_size=10)) == 1


def test_an_enrolment_keeps_the_rules_it_was_entered_by(session: Session, playbook: Playbook) -> None:
    lead = a_scored(session, 30)
    swept(session, playbook)
    changed = IN_ENGLISH | {"playbook/tracks/consideration.toml": IN_ENGLISH["playbook/tracks/consideration.toml"].replace("total < 20", "total < 29")}
    newer = apply_files(session, changed, now=NOW, by="a test")
    rescored(session, lead, 27)

    tally = swept(session, newer, NOW + timedelta(days=1))

    assert (tally["judged"], track_of(session, lead)) == (1, "consideration")
