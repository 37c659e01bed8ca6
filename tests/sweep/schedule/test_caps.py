"""Frequency caps hold over all tracks of a lead, and over what went out before."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from mailing import saved
from people import NOW, ada
from planning import in_track, messages, sent, swept, utc, with_caps
from sqlmodel import Session, select
from tracks import in_track as in_proof
from tracks import shipped, with_touches

from models import Enrolment, Lead, Message, Score
from ripeline.decide.duration import Duration
from ripeline.decide.limits import CapsChange
from ripeline.decide.market import Market
from ripeline.decide.track import Track
from ripeline.playbook.playbook import Playbook
from ripeline.settings import Settings


@pytest.mark.parametrize(
    ("caps", "dates"),
    [
        pytest.param({}, ["2026-03-03", "2026-03-03"], id="without caps both go on one day"),
        pytest.param({"per_day": 1}, ["2026-03-03", "2026-03-04"], id="one a day"),
        pytest.param({"gap": Duration.parse("30 hours")}, ["2026-03-03", "2026-03-04"], id="a gap of thirty hours, until the window opens"),
        pytest.param({"per_week": 1}, ["2026-03-03", "2026-03-10"], id="one in seven days"),
    ],
)
def test_caps_hold_over_all_tracks_and_the_lower_priority_is_put_off_not_dropped(
    session: Session, playbook: Playbook, settings: Settings, caps: dict[str, Any], dates: list[str]
) -> None:
    late = NOW + timedelta(hours=10)
    lead = ada()
    first = in_track(session, lead, "consideration", late, group="other")
    in_track(session, lead, "decision", late)

    tally = swept(session, with_caps(playbook, **caps), settings, late)

    both = messages(session)
    assert tally["planned"] == 2
    assert sorted(each.local_at[:10] for each in both) == dates
    if caps:
        loser = session.exec(select(Message).where(Message.enrolment_id == first.id)).one()
        assert loser.local_at[:10] == dates[1]
        assert loser.reason.startswith("put off from 2026-03-03")


def test_what_went_out_before_counts_for_the_caps(session: Session, playbook: Playbook, settings: Settings) -> None:
    enrolment = in_track(session, ada(), "consideration", NOW - timedelta(days=20))
    swept(session, playbook, settings, NOW - timedelta(days=20))
    sent(session, messages(session)[0], utc("2026-03-03 08:05"))
    other = in_track(session, session.get(Lead, enrolment.lead_id), "decision", utc("2026-03-03 06:00"), group="other")

    swept(session, with_caps(playbook, per_day=1), settings, utc("2026-03-03 06:00"))

    planned = session.exec(select(Message).where(Message.enrolment_id == other.id)).one()
    assert planned.local_at[:10] == "2026-03-04"
    assert planned.reason.endswith("by the cap of 1 a day")


@pytest.mark.parametrize("at_once", [True, False])
def test_a_touch_that_is_held_out_puts_off_no_other(session: Session, settings: Settings, at_once: bool) -> None:
    held_out = {"name": "case-study", "wait": "1 day", "hold_out": 99.9}
    said = {"title": "Other", "group": "other", "enter": {"when": "TRUE"}, "touch": [{"name": "customer-story", "wait": "1 day"}]}
    proof = with_touches(held_out, of=with_caps(shipped(), per_day=1), priority=9)
    both = replace(proof, tracks={**proof.tracks, "other": Track.model_validate(said)})
    first = in_proof(session, both)
    if not at_once:
        swept(session, both, settings)
    saved(session, Enrolment(lead_id=first.lead_id, track="other", group="other", version=both.hash, entered_at=NOW))

    swept(session, both, settings)

    assert {each.touch: (each.local_at[:10], each.variant, each.reason) for each in messages(session)} == {
        "case-study": ("2026-03-03", "hold_out", ""), "customer-story": ("2026-03-03", "", ""),
    }  # fmt: skip


@pytest.mark.parametrize("whose", ["everybody's", "a market's"])
def test_a_gap_of_more_than_a_week_is_kept_from_what_went_before_it(session: Session, playbook: Playbook, settings: Settings, whose: str) -> None:
    gap = Duration.parse("14 days")
    by = with_caps(playbook, gap=gap) if whose == "everybody's" else _with_market_caps(with_caps(playbook), gap)
    enrolment = in_track(session, ada(), "consideration", NOW - timedelta(days=20))
    swept(session, playbook, settings, NOW - timedelta(days=20))
    sent(session, messages(session)[0], utc("2026-03-03 08:05"))
    session.exec(select(Score)).one().market = "far"
    other = in_track(session, session.get(Lead, enrolment.lead_id), "decision", utc("2026-03-13 06:00"), group="other")

    swept(session, by, settings, utc("2026-03-13 06:00"))

    planned = session.exec(select(Message).where(Message.enrolment_id == other.id)).one()
    assert planned.due_at >= utc("2026-03-17 08:05")
    assert planned.reason.endswith("by the gap of 14 days")


def _with_market_caps(playbook: Playbook, gap: Duration) -> Playbook:
    return replace(playbook, markets={"far": Market(title="Far", when="TRUE", caps=CapsChange(gap=gap))})
