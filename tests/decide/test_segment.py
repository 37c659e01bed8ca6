"""Staging and segmentation as pure judgement: frames in, frames out."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from laws import tried

from ripeline.decide.condition import parse_condition
from ripeline.decide.facts import INSTANT
from ripeline.decide.fields import STANDING
from ripeline.decide.segment import ended, entered, made_way, read_track
from ripeline.decide.stages import Stages
from ripeline.decide.staging import read_stages, with_stage
from ripeline.decide.track import Track

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)

STAGES = Stages.model_validate({
    "lead": {}, "marketing_qualified": {"enter": "total >= 50", "leave": "total < 40", "stay": "3 days"}, "sales_accepted": {"on": ["handoff_accepted"]},
    "on_hold": {"when": "total < 5"},
})  # fmt: skip

SCHEMA = {
    "id": pl.Int64(), "stage": pl.String(), "stage_at": INSTANT, "total": pl.Int64(), "told_stage": pl.String(), "told_because": pl.String(),
    "has_score": pl.Boolean(), "barred": pl.String(), "is_handed_off": pl.Boolean(), "is_on_hold": pl.Boolean(), "grade": pl.String(), "market": pl.String(),
}  # fmt: skip


def read(text):
    return parse_condition(text, STANDING)


BOOK = read_stages(STAGES, read)


def leads(*rows: dict) -> pl.DataFrame:
    usual = {
        "stage": "lead", "stage_at": NOW - timedelta(days=30), "total": 1000, "told_stage": None, "told_because": None, "has_score": True, "barred": None,
        "is_handed_off": False, "is_on_hold": False, "grade": "C3", "market": None,
    }  # fmt: skip
    return pl.DataFrame([usual | {"id": number} | row for number, row in enumerate(rows, start=1)], schema=SCHEMA)


def staged(now: datetime = NOW, **row) -> dict:
    return with_stage(leads(row), BOOK, now).row(0, named=True)


@pytest.mark.parametrize(
    ("row", "stage"),
    [
        pytest.param({"total": 4999}, "lead", id="a hundredth below the entrance"),
        pytest.param({"total": 5000}, "marketing_qualified", id="at the entrance"),
        pytest.param({"stage": "marketing_qualified", "total": 4000}, "marketing_qualified", id="inside the band it stays"),
        pytest.param({"stage": "marketing_qualified", "total": 3999}, "lead", id="below the exit it falls"),
        pytest.param({"stage": "subscriber", "total": 9000}, "marketing_qualified", id="from a stage the file does not name it rises"),
        pytest.param({"stage": "customer", "total": 9000}, "customer", id="nobody is drawn back from a higher stage"),
        pytest.param({"stage": "disqualified", "total": 9000}, "disqualified", id="nor brought back by a score"),
        pytest.param({"stage": "sales_accepted", "total": 0}, "sales_accepted", id="what people did no score undoes"),
        pytest.param({"total": None, "has_score": False, "told_stage": "customer"}, "customer", id="told, even without a score"),
        pytest.param({"total": 100, "told_stage": "marketing_qualified"}, "marketing_qualified", id="told, and kept for the shortest stay"),
        pytest.param({"total": 6000, "told_stage": "lead"}, "marketing_qualified", id="told lower than its score lets it be"),
    ],
)
def test_a_lead_is_in_the_stage_that_its_score_and_people_say(row, stage):
    assert staged(**row)["stage"] == stage


def test_a_stay_keeps_a_lead_and_its_end_is_when_to_look_again():
    fresh = {"stage": "marketing_qualified", "total": 100, "stage_at": NOW - timedelta(days=1)}

    kept, fallen = staged(**fresh), staged(NOW + timedelta(days=2), **fresh)

    assert (kept["stage"], kept["stage_review_at"], kept["stage_because"]) == ("marketing_qualified", NOW + timedelta(days=2), None)
    assert (fallen["stage"], fallen["stage_at"]) == ("lead", NOW + timedelta(days=2))
    assert fallen["stage_because"] == "total < 40 (total 1.0)"


def test_hold_is_a_flag_and_never_set_without_a_score():
    assert staged(total=100)["is_on_hold"] is True
    assert staged(total=None, has_score=False)["is_on_hold"] is False


@tried(15)
@given(st.lists(st.tuples(st.integers(0, 12_500), st.integers(1, 200)), min_size=1, max_size=12))
def test_stages_never_flap(history):
    """Whatever a total does, a lead falls only below the exit and after its stay, and judging again at once changes nothing."""
    stage, stage_at, now = "lead", NOW, NOW
    for total, hours in history:
        now += timedelta(hours=hours)
        after = staged(now, stage=stage, stage_at=stage_at, total=total)
        again = staged(now, stage=after["stage"], stage_at=after["stage_at"], total=total)
        assert (again["stage"], again["stage_at"], again["stage_because"]) == (after["stage"], after["stage_at"], None)
        if (stage, after["stage"]) == ("marketing_qualified", "lead"):
            assert total < 4000
            assert now - stage_at >= timedelta(days=3)
        if total >= 5000:
            assert after["stage"] == "marketing_qualified"
        stage, stage_at = after["stage"], after["stage_at"]


def a_track(when: str, priority: int = 0, again: str = "never", leave: str | None = None, goal: str | None = None, group: str = "nurture"):
    said = {"title": "A track", "group": group, "priority": priority, "enter": {"when": when, "again": again}, "touch": [{"name": "a", "wait": "1 day"}]}
    return read_track(Track.model_validate(said | {"leave": {key: text for key, text in (("when", leave), ("goal", goal)) if text}}), read)


RUNNING = {"enrolment_id": pl.Int64(), "lead_id": pl.Int64(), "track": pl.String(), "group": pl.String(), "version": pl.String(), "is_exhausted": pl.Boolean()}
NONE_RUNNING = pl.DataFrame(schema=RUNNING)
NEVER_LEFT = pl.DataFrame(schema={"lead_id": pl.Int64(), "track": pl.String(), "ended_at": INSTANT})


def test_the_higher_priority_takes_the_lead_and_ties_go_by_name():
    tracks = {"low": a_track("total >= 0", 1), "b": a_track("total >= 0", 5), "a": a_track("total >= 0", 5), "other": a_track("total >= 0", group="news")}

    entries, _ = entered(leads({}), NONE_RUNNING, NEVER_LEFT, tracks, NOW)

    assert entries.select("group", "track").rows() == [("news", "other"), ("nurture", "a")]


def test_a_lead_that_is_in_a_track_of_the_group_waits():
    running = pl.DataFrame([(7, 1, "low", "nurture", "v", False)], schema=RUNNING, orient="row")

    entries, _ = entered(leads({}), running, NEVER_LEFT, {"high": a_track("total >= 0", 9)}, NOW)

    assert entries.is_empty()


@pytest.mark.parametrize(
    ("tracks", "taken"),
    [
        pytest.param({"low": a_track("total >= 0", again="always")}, None, id="what it has been through it does not begin again"),
        pytest.param({"low": a_track("total >= 0", 9, "always"), "next": a_track("total >= 0", 1)}, "next", id="another takes it"),
        pytest.param({"next": a_track("total >= 99")}, None, id="unless nobody else will have it"),
    ],
)
def test_a_track_that_sent_all_makes_way(tracks, taken):
    running = pl.DataFrame([(7, 1, "low", "nurture", "v", True)], schema=RUNNING, orient="row")

    entries, _ = entered(leads({}), running, NEVER_LEFT, tracks, NOW)

    assert entries["track"].to_list() == ([taken] if taken else [])
    assert made_way(running, entries)["because"].to_list() == ([f"all sent; makes way for {taken}"] if taken else [])


@pytest.mark.parametrize(
    ("when", "total", "grade", "stage", "market"),
    [
        pytest.param("grade LIKE 'A%'", 6000, "A3", "lead", None, id="a band of fit"),
        pytest.param("grade IN ('A1', 'B1')", 6000, "B1", "lead", None, id="grades"),
        pytest.param("stage = 'subscriber' AND market = 'jp'", 0, "D4", "subscriber", "jp", id="stage and market"),
        pytest.param("total >= 50 AND total < 75", 7499, "C3", "lead", None, id="a band of points"),
    ],
)
def test_leads_are_told_apart_by_band_grade_stage_and_market(when, total, grade, stage, market):
    entries, _ = entered(
        leads({"total": total, "grade": grade, "stage": stage, "market": market}, {"total": 100}), NONE_RUNNING, NEVER_LEFT, {"track": a_track(when)}, NOW
    )

    assert entries["lead_id"].to_list() == [1]


@pytest.mark.parametrize(
    ("track", "row"),
    [
        pytest.param(a_track("total >= 0", leave="total < 50"), {}, id="who would leave at once"),
        pytest.param(a_track("total >= 0", goal="grade = 'C3'"), {}, id="who has reached the goal"),
        pytest.param(a_track("total >= 0"), {"barred": "excluded: a competitor"}, id="who is barred"),
        pytest.param(a_track("total >= 0"), {"is_handed_off": True}, id="who is with sales"),
        pytest.param(a_track("market = 'jp'"), {}, id="of whom the condition is unknown"),
    ],
)
def test_some_do_not_enter(track, row):
    entries, _ = entered(leads(row), NONE_RUNNING, NEVER_LEFT, {"track": track}, NOW)

    assert entries.is_empty()


@pytest.mark.parametrize(
    ("again", "days_ago", "enters", "looks_again"),
    [
        pytest.param("never", 900, False, None, id="never again"),
        pytest.param("always", 0, True, None, id="always"),
        pytest.param("after 90 days", 90, True, None, id="on the day"),
        pytest.param("after 90 days", 89, False, NOW + timedelta(days=1), id="a day early"),
    ],
)
def test_a_track_is_entered_again_when_it_says_so(again, days_ago, enters, looks_again):
    left = pl.DataFrame([(1, "track", NOW - timedelta(days=days_ago))], schema=NEVER_LEFT.schema, orient="row")

    entries, reviews = entered(leads({}), NONE_RUNNING, left, {"track": a_track("total >= 0", again=again)}, NOW)

    assert (entries.height == 1) is enters
    assert reviews["at"].to_list() == ([looks_again] if looks_again else [])


@pytest.mark.parametrize(
    ("row", "because"),
    [
        pytest.param({"total": 6000, "grade": "A1"}, "goal reached: grade = 'A1'", id="a goal is told before a condition"),
        pytest.param({"total": 6000}, "total >= 50", id="a condition to leave"),
        pytest.param({"total": 6000, "barred": "excluded: x"}, "excluded: x", id="what bars a lead is told first"),
        pytest.param({"total": None}, None, id="what is unknown ends nothing"),
    ],
)
def test_an_enrolment_ends_for_the_first_reason_that_holds(row, because):
    running = pl.DataFrame([(7, 1, "track", "nurture", "v", False)], schema=RUNNING, orient="row")
    book = a_track("total < 50", leave="total >= 50", goal="grade = 'A1'")

    out = ended(leads(row), running, {("v", "track"): book})

    assert out.rows() == ([(7, 1, "nurture", because)] if because else [])
