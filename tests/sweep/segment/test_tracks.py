"""Who is in which track: whom a track takes, how long it keeps them, and who is in none."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from judging import a_scored, a_touch, rescored, swept, track_of
from people import NOW, a_lead, ada, an_event
from sqlmodel import Session, select

from models import Enrolment, Handoff, MessageState, Score, Stage
from ripeline.decide.track import Track
from ripeline.playbook.playbook import Playbook
from ripeline.sweep.segment import due


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
def test_people_are_told_apart_by(session: Session, playbook: Playbook, when: str) -> None:
    both = replace(playbook, hash=f"by {when}", tracks={"proof": a_track_for(when)})
    told = a_scored(session, 30, ada(stage=Stage.SUBSCRIBER), market="de")
    other = a_scored(session, 90, a_lead(stage=Stage.LEAD, locale="en"), market="jp", grade="A1")
    session.add_all([an_event(told, "page_viewed", NOW - timedelta(days=number), path="/pricing") for number in (1, 2)])
    session.commit()

    swept(session, both)

    assert (track_of(session, told), track_of(session, other)) == ("proof", None)


def a_track_for(when: str) -> Track:
    return Track.model_validate({"title": "Proof", "enter": {"when": when}, "touch": [{"name": "case-study", "wait": "1 day"}]})


def test_an_enrolment_says_since_when_why_and_by_which_playbook(session: Session, playbook: Playbook) -> None:
    lead = a_scored(session, 30)

    swept(session, playbook)

    enrolment = session.exec(select(Enrolment)).one()
    assert (enrolment.lead_id, enrolment.group, enrolment.version, enrolment.entered_at) == (lead.id, "nurture", playbook.hash, NOW)
    assert enrolment.entered_because.startswith("total >= 25")


def test_changing_track_cancels_what_was_planned_and_says_why(session: Session, playbook: Playbook) -> None:
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


def test_a_goal_reached_ends_the_track_and_keeps_the_lead_out_of_it(session: Session, playbook: Playbook) -> None:
    lead = a_scored(session, 60)
    swept(session, playbook)
    session.add(an_event(lead, "meeting_booked", NOW + timedelta(hours=1)))
    rescored(session, lead, 61)

    swept(session, playbook, NOW + timedelta(days=1))

    assert session.exec(select(Enrolment.ended_because)).one().startswith("goal reached: did('meeting_booked'")
    assert track_of(session, lead) is None


def test_a_track_that_was_left_opens_again_only_after_the_time_it_says(session: Session, playbook: Playbook) -> None:
    lead = a_scored(session, 30)
    swept(session, playbook)
    for day, total in ((1, 19), (2, 30)):
        rescored(session, lead, total)
        swept(session, playbook, NOW + timedelta(days=day))

    assert track_of(session, lead) is None
    assert lead.segment_review_at == NOW + timedelta(days=91)
    swept(session, playbook, NOW + timedelta(days=91))
    assert track_of(session, lead) == "consideration"


def test_the_low_and_silent_are_put_on_hold_and_come_back_when_they_stir(session: Session, playbook: Playbook) -> None:
    lead = a_scored(session, 10, a_lead(created_at=NOW - timedelta(days=29)))
    swept(session, playbook)
    assert (lead.is_on_hold, track_of(session, lead), lead.segment_review_at) == (False, "awareness", NOW + timedelta(days=1))

    swept(session, playbook, NOW + timedelta(days=1))

    assert (lead.is_on_hold, track_of(session, lead)) == (True, None)
    session.add(an_event(lead, "page_viewed", NOW + timedelta(days=2), path="/"))
    rescored(session, lead, 26)
    swept(session, playbook, NOW + timedelta(days=3))
    assert (lead.is_on_hold, track_of(session, lead)) == (False, "consideration")


def test_who_may_not_be_scored_keeps_the_stage_and_leaves_every_track(session: Session, playbook: Playbook) -> None:
    lead = a_scored(session, 60)
    swept(session, playbook)
    session.delete(session.get(Score, (lead.id, "live")))
    session.commit()

    swept(session, playbook, NOW + timedelta(days=1))

    assert (lead.stage, track_of(session, lead)) == (Stage.MARKETING_QUALIFIED, None)
    assert session.exec(select(Enrolment.ended_because)).one() == "nobody may score this lead"
    assert due(session, playbook, now=NOW + timedelta(days=2), batch_size=10) == []


def test_who_is_excluded_is_in_no_track(session: Session, playbook: Playbook) -> None:
    lead = a_scored(session, 10, excluded="Works for a competitor")

    swept(session, playbook)

    assert track_of(session, lead) is None


def test_an_open_handoff_keeps_a_lead_out_of_tracks_until_it_is_closed(session: Session, playbook: Playbook) -> None:
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


def test_nobody_is_in_two_tracks_of_one_group(session: Session, playbook: Playbook) -> None:
    lead = a_scored(session, 30, ada())
    swept(session, playbook)

    twice = sa.insert(Enrolment).values(lead_id=lead.id, track="decision", group="nurture", version="v", entered_at=NOW, entered_because="")

    with pytest.raises(sa.exc.IntegrityError):
        session.execute(twice)


def test_a_track_that_sent_all_ends_when_another_will_have_the_lead(session: Session, playbook: Playbook) -> None:
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


def test_who_falls_silent_is_revived_and_comes_back_by_stirring(session: Session, playbook: Playbook) -> None:
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


def test_who_confirmed_to_want_our_mail_is_welcomed_before_all_else(session: Session, playbook: Playbook) -> None:
    lead = a_scored(session, 60)
    session.add(an_event(lead, "opt_in_confirmed", NOW - timedelta(hours=1)))
    session.commit()

    swept(session, playbook)

    assert track_of(session, lead) == "welcome"
