"""The segment sweep: stages and tracks of leads in a database of either kind."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache

import pytest
import sqlalchemy as sa
from people import NOW, a_lead, ada, an_event
from sqlmodel import Session, col, select

from models import Enrolment, Handoff, Lead, Message, MessageKind, MessageState, PlaybookApplication, PlaybookVersion, Score, ScoreChange, Stage
from ripeline.database import open_session
from ripeline.decide.track import Track
from ripeline.playbook.applied import apply_files
from ripeline.playbook.files import read_folder
from ripeline.playbook.playbook import parse_playbook
from ripeline.settings import CLONE
from ripeline.sweep.segment import due, segment
from ripeline.values import message_id

FILES = read_folder(CLONE)


@pytest.fixture
def playbook(session):
    """The shipped playbook, stored and live; parsed once for all tests."""
    shipped = _shipped()
    session.add(PlaybookVersion(hash=shipped.hash, files=dict(shipped.files), created_at=NOW, created_by="a test"))
    session.flush()
    session.add(PlaybookApplication(hash=shipped.hash, applied_at=NOW, applied_by="a test"))
    session.commit()
    return shipped


@cache
def _shipped():
    return parse_playbook(FILES)


def a_scored(session: Session, total: float, lead: Lead | None = None, **changes) -> Lead:
    """Return a saved lead with a live score in points."""
    lead = lead or a_lead()
    session.add(lead)
    session.flush()
    score = {"lead_id": lead.id, "fit": 0, "engagement": 0, "total": int(total * 100), "grade": "C3", "version": "card", "as_of": NOW, "scored_seq": 1}
    session.add(Score(**score | changes))
    session.commit()
    return lead


def rescored(session: Session, lead: Lead, total: float) -> None:
    score = session.get(Score, (lead.id, "live"))
    score.total, score.revision = int(total * 100), score.revision + 1
    session.commit()


def swept(session: Session, playbook, now: datetime = NOW, **options):
    """Run the sweep over everybody who is due, and return its counts."""
    total = None
    for ids in due(session, playbook, now=now, batch_size=1000):
        tally = segment(session, ids, playbook, now=now, **options)
        total = tally if total is None else total + tally
    session.expire_all()
    return total


def track_of(session: Session, lead: Lead) -> str | None:
    return session.exec(select(Enrolment.track).where(Enrolment.lead_id == lead.id, col(Enrolment.ended_at).is_(None))).first()


def a_touch(enrolment: Enrolment, state: MessageState = MessageState.SCHEDULED, touch: str = "case-study") -> Message:
    key = f"touch:{enrolment.id}:{touch}"
    return Message(
        id=message_id(key), key=key, kind=MessageKind.TOUCH, lead_id=enrolment.lead_id, enrolment_id=enrolment.id, touch=touch,
        template=f"email/{touch}", version="v", local_at="2026-03-03T09:10:00", zone="UTC", due_at=NOW, state=state, mail_id=f"<{key}>", planned_at=NOW,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("total", "track", "stage"),
    [
        pytest.param(0, "awareness", Stage.LEAD, id="nothing yet"),
        pytest.param(24.99, "awareness", Stage.LEAD, id="a hundredth below 25"),
        pytest.param(25, "consideration", Stage.LEAD, id="25 itself"),
        pytest.param(49.99, "consideration", Stage.LEAD, id="a hundredth below 50"),
        pytest.param(50, "decision", Stage.MARKETING_QUALIFIED, id="50 itself"),
        pytest.param(74.99, "decision", Stage.MARKETING_QUALIFIED, id="a hundredth below 75"),
        pytest.param(75, "sales-ready", Stage.MARKETING_QUALIFIED, id="from 75 on a person writes, else we invite"),
    ],
)
def test_a_lead_enters_the_track_and_stage_of_its_score(session, playbook, total, track, stage):
    lead = a_scored(session, total)

    swept(session, playbook)

    assert (track_of(session, lead), lead.stage) == (track, stage)


@pytest.mark.parametrize(
    "when",
    [
        pytest.param("total >= 25 AND total < 50", id="a band of the score"),
        pytest.param("grade IN ('C3', 'C4')", id="grades"),
        pytest.param("stage = 'subscriber'", id="a stage of the funnel"),
        pytest.param("market = 'de'", id="a market"),
        pytest.param("locale = 'de'", id="a language"),
        pytest.param("seniority = 'vp' AND times('page_viewed', path = '/pricing') >= 2", id="any condition of the scorecard's language"),
    ],
)
def test_people_are_told_apart_by(session, playbook, when):
    both = replace(playbook, hash=f"by {when}", tracks={"proof": a_track_for(when)})
    told = a_scored(session, 30, ada(stage=Stage.SUBSCRIBER), market="de")
    other = a_scored(session, 90, a_lead(stage=Stage.LEAD, locale="en"), market="jp", grade="A1")
    session.add_all([an_event(told, "page_viewed", NOW - timedelta(days=number), path="/pricing") for number in (1, 2)])
    session.commit()

    swept(session, both)

    assert (track_of(session, told), track_of(session, other)) == ("proof", None)


def a_track_for(when: str) -> Track:
    return Track.model_validate({"title": "Proof", "enter": {"when": when}, "touch": [{"name": "case-study", "wait": "1 day"}]})


def test_an_enrolment_says_since_when_why_and_by_which_playbook(session, playbook):
    lead = a_scored(session, 30)

    swept(session, playbook)

    enrolment = session.exec(select(Enrolment)).one()
    assert (enrolment.lead_id, enrolment.group, enrolment.version, enrolment.entered_at) == (lead.id, "nurture", playbook.hash, NOW)
    assert enrolment.entered_because.startswith("total >= 25")


def test_judging_twice_changes_nothing(session, playbook):
    a_scored(session, 30)
    swept(session, playbook)

    assert due(session, playbook, now=NOW, batch_size=10) == []
    assert str(segment(session, range(1, 100), playbook, now=NOW)) == "nothing to do"


def test_two_at_once_enrol_each_lead_once(url, session, playbook):
    leads = [a_scored(session, total).id for total in (10, 30, 60)]
    session.rollback()

    def one(_):
        with open_session(url) as own:
            return segment(own, range(1, 100), playbook, now=NOW)

    with ThreadPoolExecutor(2) as pool:
        tallies = list(pool.map(one, range(2)))

    assert sum(tally["entered"] for tally in tallies) == 3
    assert sorted(session.exec(select(Enrolment.lead_id))) == leads
    assert len(session.exec(select(ScoreChange)).all()) == 1


def test_a_dry_run_tells_what_it_would_do_and_does_nothing(session, playbook):
    lead = a_scored(session, 60)

    tally = swept(session, playbook, dry_run=True)

    assert (tally["entered"], tally["moved"]) == (1, 1)
    assert (track_of(session, lead), lead.stage) == (None, Stage.LEAD)


def test_a_stage_change_is_remembered_with_its_reason(session, playbook):
    lead = a_scored(session, 62.5)

    swept(session, playbook)

    change = session.exec(select(ScoreChange)).one()
    assert (change.lead_id, change.stage, change.total, change.because) == (lead.id, "marketing_qualified", 6250, "total >= 50 (total 62.5)")


def test_between_entering_and_leaving_a_stage_nothing_moves(session, playbook):
    lead = a_scored(session, 52)
    swept(session, playbook)

    rescored(session, lead, 41)
    swept(session, playbook, NOW + timedelta(days=10))

    assert (lead.stage, track_of(session, lead)) == (Stage.MARKETING_QUALIFIED, "decision")


def test_a_lead_falls_only_after_the_shortest_stay_and_is_looked_at_right_then(session, playbook):
    lead = a_scored(session, 52)
    swept(session, playbook)
    rescored(session, lead, 30)

    swept(session, playbook, NOW + timedelta(days=1))

    assert (lead.stage, lead.segment_review_at) == (Stage.MARKETING_QUALIFIED, NOW + timedelta(days=3))
    swept(session, playbook, NOW + timedelta(days=3))
    assert (lead.stage, track_of(session, lead)) == (Stage.LEAD, "consideration")


def test_changing_track_cancels_what_was_planned_and_says_why(session, playbook):
    lead = a_scored(session, 30)
    swept(session, playbook)
    enrolment = session.exec(select(Enrolment)).one()
    planned, sent = a_touch(enrolment), a_touch(enrolment, MessageState.ACCEPTED, "compare-options")
    session.add_all([planned, sent])
    session.commit()

    rescored(session, lead, 55)
    tally = swept(session, playbook, NOW + timedelta(days=1))

    assert (tally["left"], tally["entered"], tally["cancelled"]) == (1, 1, 1)
    assert (planned.state, sent.state) == (MessageState.CANCELLED, MessageState.ACCEPTED)
    assert planned.reason.startswith("left the track: total >= 50")
    assert track_of(session, lead) == "decision"


def test_a_goal_reached_ends_the_track_and_keeps_the_lead_out_of_it(session, playbook):
    lead = a_scored(session, 60)
    swept(session, playbook)
    session.add(an_event(lead, "meeting_booked", NOW + timedelta(hours=1)))
    rescored(session, lead, 61)

    swept(session, playbook, NOW + timedelta(days=1))

    assert session.exec(select(Enrolment.ended_because)).one().startswith("goal reached: did('meeting_booked'")
    assert track_of(session, lead) is None


def test_a_track_that_was_left_opens_again_only_after_the_time_it_says(session, playbook):
    lead = a_scored(session, 30)
    swept(session, playbook)
    for day, total in ((1, 19), (2, 30)):
        rescored(session, lead, total)
        swept(session, playbook, NOW + timedelta(days=day))

    assert track_of(session, lead) is None
    assert lead.segment_review_at == NOW + timedelta(days=91)
    swept(session, playbook, NOW + timedelta(days=91))
    assert track_of(session, lead) == "consideration"


def test_the_low_and_silent_are_put_on_hold_and_come_back_when_they_stir(session, playbook):
    lead = a_scored(session, 10, a_lead(created_at=NOW - timedelta(days=29)))
    swept(session, playbook)
    assert (lead.is_on_hold, track_of(session, lead), lead.segment_review_at) == (False, "awareness", NOW + timedelta(days=1))

    swept(session, playbook, NOW + timedelta(days=1))

    assert (lead.is_on_hold, track_of(session, lead)) == (True, None)
    session.add(an_event(lead, "page_viewed", NOW + timedelta(days=2), path="/"))
    rescored(session, lead, 26)
    swept(session, playbook, NOW + timedelta(days=3))
    assert (lead.is_on_hold, track_of(session, lead)) == (False, "consideration")


@pytest.mark.parametrize("stage", [Stage.CUSTOMER, Stage.DISQUALIFIED, Stage.OPPORTUNITY])
def test_a_stage_set_by_hand_holds_and_ends_nurture(session, playbook, stage):
    lead = a_scored(session, 60)
    swept(session, playbook)
    session.add(an_event(lead, "stage_set", NOW + timedelta(hours=1), form=stage.value, reason="signed"))
    rescored(session, lead, 60)

    swept(session, playbook, NOW + timedelta(days=1))

    assert (lead.stage, track_of(session, lead)) == (stage, None)
    assert session.exec(select(ScoreChange.because).where(ScoreChange.stage == stage.value)).one() == "set by hand: signed"
    rescored(session, lead, 80)
    swept(session, playbook, NOW + timedelta(days=2))
    assert lead.stage is stage


def test_of_several_things_people_said_the_last_counts_and_late_history_does_not(session, playbook):
    lead = a_scored(session, 60)
    swept(session, playbook)
    session.add(an_event(lead, "stage_set", NOW + timedelta(hours=3), form="customer"))
    session.add(an_event(lead, "stage_set", NOW + timedelta(hours=2), form="opportunity"))
    session.add(an_event(lead, "handoff_accepted", NOW + timedelta(hours=4), form="1"))
    session.add(an_event(lead, "stage_set", NOW + timedelta(hours=5), form="emperor"))
    rescored(session, lead, 60)

    tally = swept(session, playbook, NOW + timedelta(days=1))

    assert lead.stage is Stage.CUSTOMER
    assert tally["unknown_stages"] == 1


def test_history_that_came_with_an_import_sets_the_stage(session, playbook):
    lead = a_scored(session, 10)
    session.add(an_event(lead, "stage_set", NOW - timedelta(days=300), form="customer"))
    session.commit()

    swept(session, playbook)

    assert (lead.stage, track_of(session, lead)) == (Stage.CUSTOMER, None)


def test_an_accepted_handoff_moves_a_lead_up(session, playbook):
    lead = a_scored(session, 80)
    swept(session, playbook)
    session.add(an_event(lead, "handoff_accepted", NOW + timedelta(hours=1), form="1"))
    rescored(session, lead, 80)

    swept(session, playbook, NOW + timedelta(days=1))

    assert lead.stage is Stage.SALES_ACCEPTED


def test_an_open_handoff_keeps_a_lead_out_of_tracks_until_it_is_closed(session, playbook):
    lead = a_scored(session, 60)
    handoff = Handoff(lead_id=lead.id, total=7600, grade="A1", version="card", opened_at=NOW)
    session.add(handoff)
    session.commit()

    swept(session, playbook)

    assert track_of(session, lead) is None
    assert lead.segment_review_at <= NOW + timedelta(days=1)
    handoff.closed_at = NOW + timedelta(hours=5)
    session.commit()
    swept(session, playbook, NOW + timedelta(days=1))
    assert track_of(session, lead) == "decision"


def test_who_may_not_be_scored_keeps_the_stage_and_leaves_every_track(session, playbook):
    lead = a_scored(session, 60)
    swept(session, playbook)
    session.delete(session.get(Score, (lead.id, "live")))
    session.commit()

    swept(session, playbook, NOW + timedelta(days=1))

    assert (lead.stage, track_of(session, lead)) == (Stage.MARKETING_QUALIFIED, None)
    assert session.exec(select(Enrolment.ended_because)).one() == "nobody may score this lead"
    assert due(session, playbook, now=NOW + timedelta(days=2), batch_size=10) == []


def test_who_is_excluded_is_in_no_track(session, playbook):
    lead = a_scored(session, 10, excluded="Works for a competitor")

    swept(session, playbook)

    assert track_of(session, lead) is None


def test_an_enrolment_keeps_the_rules_it_was_entered_by(session, playbook):
    lead = a_scored(session, 30)
    swept(session, playbook)
    changed = FILES | {"playbook/tracks/consideration.toml": FILES["playbook/tracks/consideration.toml"].replace("total < 20", "total < 29")}
    newer = apply_files(session, changed, now=NOW, by="a test")
    rescored(session, lead, 27)

    tally = swept(session, newer, NOW + timedelta(days=1))

    assert (tally["judged"], track_of(session, lead)) == (1, "consideration")


def test_new_rules_judge_everybody_once_and_a_new_template_nobody(session, playbook):
    a_scored(session, 30)
    swept(session, playbook)
    mail = next(path for path in FILES if path.startswith("templates/email/case-study/"))
    reworded = apply_files(session, FILES | {mail: FILES[mail] + " "}, now=NOW, by="a test")
    stricter = apply_files(session, FILES | {"playbook/stages.toml": FILES["playbook/stages.toml"].replace(">= 50", ">= 30")}, now=NOW, by="a test")

    assert due(session, reworded, now=NOW, batch_size=10) == []
    assert len(due(session, stricter, now=NOW, batch_size=10)) == 1


def test_due_ranges_hold_as_many_leads_as_asked_for(session, playbook):
    ids = [a_scored(session, 10).id for _ in range(7)]

    ranges = due(session, playbook, now=NOW, batch_size=3)

    assert [sum(lead in each for lead in ids) for each in ranges] == [3, 3, 1]


def test_nobody_is_in_two_tracks_of_one_group(session, playbook):
    lead = a_scored(session, 30, ada())
    swept(session, playbook)

    twice = sa.insert(Enrolment).values(lead_id=lead.id, track="decision", group="nurture", version="v", entered_at=NOW, entered_because="")

    with pytest.raises(sa.exc.IntegrityError):
        session.execute(twice)


def test_a_lead_whose_deal_was_lost_comes_back_cools_and_is_lifted_again(session, playbook):
    lead = a_scored(session, 60, a_lead(stage=Stage.OPPORTUNITY))
    swept(session, playbook)
    session.add(an_event(lead, "deal_lost", NOW + timedelta(hours=1)))
    rescored(session, lead, 60)

    swept(session, playbook, NOW + timedelta(days=1))
    assert (lead.stage, track_of(session, lead)) == (Stage.LEAD, None)
    assert swept(session, playbook, NOW + timedelta(days=60)) is None
    assert lead.segment_review_at == NOW + timedelta(days=60, hours=1)

    swept(session, playbook, NOW + timedelta(days=61))
    assert (lead.stage, track_of(session, lead)) == (Stage.MARKETING_QUALIFIED, "recycle")


def test_a_lost_deal_moves_nobody_up(session, playbook):
    lead = a_scored(session, 10, a_lead(stage=Stage.SUBSCRIBER))
    session.add(an_event(lead, "deal_lost", NOW - timedelta(days=1)))
    session.commit()

    swept(session, playbook)

    assert lead.stage is Stage.SUBSCRIBER


def test_a_track_that_sent_all_ends_when_another_will_have_the_lead(session, playbook):
    later = Track.model_validate({"title": "Later", "enter": {"when": "total >= 50"}, "touch": [{"name": "case-study", "wait": "1 day"}]})
    both = replace(playbook, hash="both", tracks={**playbook.tracks, "later": later})
    lead = a_scored(session, 60)
    swept(session, playbook)
    enrolment = session.exec(select(Enrolment)).one()
    enrolment.exhausted_at, lead.segment_review_at = NOW, NOW
    session.commit()

    tally = swept(session, both, NOW + timedelta(hours=1))

    assert (tally["entered"], tally["left"], track_of(session, lead)) == (1, 1, "later")
    assert (enrolment.track, enrolment.ended_because) == ("decision", "all sent; makes way for later")


def test_who_falls_silent_is_revived_and_comes_back_by_stirring(session, playbook):
    lead = a_scored(session, 30)
    session.add(an_event(lead, "page_viewed", NOW - timedelta(days=29), path="/"))
    session.commit()
    swept(session, playbook)
    assert track_of(session, lead) == "consideration"

    swept(session, playbook, NOW + timedelta(days=2))
    assert track_of(session, lead) == "revival"

    session.add(an_event(lead, "page_viewed", NOW + timedelta(days=3), path="/"))
    rescored(session, lead, 30)
    swept(session, playbook, NOW + timedelta(days=4))
    ended = session.exec(select(Enrolment).where(Enrolment.track == "revival")).one()
    assert ended.ended_because.startswith("goal reached")


def test_who_confirmed_to_want_our_mail_is_welcomed_before_all_else(session, playbook):
    lead = a_scored(session, 60)
    session.add(an_event(lead, "opt_in_confirmed", NOW - timedelta(hours=1)))
    session.commit()

    swept(session, playbook)

    assert track_of(session, lead) == "welcome"
