"""What tracks achieve: who entered, what went, what came next, and whether a variant did it."""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from people import NOW

from ripeline.decide.segment import ENDED, ended, read_track
from ripeline.decide.touch import HOLD_OUT, Touch
from ripeline.decide.track import Track
from ripeline.report.results.judging import CLICKS, ENROLMENTS, MESSAGES, contests, ratios, touch_counts, touch_lines, track_counts, track_lines
from ripeline.report.results.numbers import Results
from ripeline.report.results.page import results_page
from ripeline.report.results.reading import GOAL
from ripeline.report.results.words import as_json, contests_grid, grids, headline, touches_grid, warnings

DAY = timedelta(days=1)
ARMS = Touch.model_validate({"name": "call", "wait": "1 day", "split": {"short": 1, "long": 1}, "hold_out": 20}).arms


def enrolment(number: int, **changes: Any) -> dict[str, Any]:
    """Return an open enrolment of a lead of the same number."""
    usual = {"enrolment_id": number, "lead_id": number, "track": "decision", "version": "v1", "market": None, "ended_at": None, "because": None}
    return {**usual, "is_goal": False, "is_exhausted": False} | changes


def message(number: int, touch: str = "call", **changes: Any) -> dict[str, Any]:
    """Return a letter of an enrolment that went out at NOW."""
    return {"message": f"{touch}-{number}", "enrolment_id": number, "touch": touch, "variant": "", "is_sent": True, "turned_at": NOW} | changes


def click(lead_id: int, **changes: Any) -> dict[str, Any]:
    return {"lead_id": lead_id, "touch": "call", "message": None, "at": NOW + DAY} | changes


def counted(enrolments: Sequence[dict[str, Any]], messages: Sequence[dict[str, Any]], clicks: Sequence[dict[str, Any]] = ()) -> pl.DataFrame:
    rows = ((enrolments, ENROLMENTS), (messages, MESSAGES), (clicks, CLICKS))
    return touch_counts(*(pl.DataFrame(list(some), schema=schema, orient="row") for some, schema in rows))


def reached(number: int, days: int = 1) -> dict[str, Any]:
    return enrolment(number, ended_at=NOW + days * DAY, because=f"{GOAL}: total >= 75", is_goal=True)


def test_an_enrolment_reached_the_goal_left_or_is_open() -> None:
    rows = [reached(1), enrolment(2, ended_at=NOW, because="stage <> 'lead'"), enrolment(3, is_exhausted=True), enrolment(4, market="jp")]

    counts = track_counts(pl.DataFrame(rows, schema=ENROLMENTS))
    whole, by_market = track_lines(counts, by_market=False), track_lines(counts, by_market=True)

    assert [(line.entered, line.goal, line.left, line.still_open, line.exhausted) for line in whole] == [(4, 1, 1, 2, 1)]
    assert [(line.market, line.entered) for line in by_market] == [("jp", 1), (None, 3)]


def test_the_goal_is_counted_for_the_touch_it_came_after_and_for_the_contest_after_any() -> None:
    both = [message(1, "hello", turned_at=NOW - 3 * DAY), message(1, "call")]

    lines = touch_lines(counted([reached(1)], both), {("decision", "hello"): 0, ("decision", "call"): 1}, by_market=False)

    assert [(line.touch, line.goal, line.goal_after) for line in lines] == [("hello", 0, 1), ("call", 1, 1)]


def test_what_came_before_a_turn_is_not_its_doing_and_who_had_no_turn_counts_as_planned_alone() -> None:
    before, never = message(1, turned_at=NOW + 2 * DAY), message(2, is_sent=False, turned_at=None)

    line = touch_lines(counted([reached(1), reached(2)], [before, never]), {}, by_market=False)[0]

    assert (line.planned, line.turned, line.sent, line.goal_after) == (2, 1, 1, 0)


@pytest.mark.parametrize(
    ("clicks", "clicked"),
    [
        pytest.param([click(1, message="call-1"), click(1, message="call-1")], 1, id="two clicks in one letter"),
        pytest.param([click(1)], 1, id="a click that names only the touch"),
        pytest.param([click(1, at=NOW - DAY)], 0, id="a click before it went"),
        pytest.param([click(1, message="another")], 0, id="a click in another letter"),
        pytest.param([click(2)], 0, id="another lead's click"),
    ],
)
def test_a_letter_is_clicked_once_by_its_reader(clicks: list[dict[str, Any]], clicked: int) -> None:
    assert counted([enrolment(1)], [message(1)], clicks)["clicked"].sum() == clicked


def a_contest(short: int, held: int, *, of: int = 400, held_of: int = 200) -> Results:
    """Return the results of a lot: so many of the short letter's readers, and of the held-out, reached the goal; of the long letter's a tenth."""
    arms = [("short", of, short), ("long", of, of // 10), (HOLD_OUT, held_of, held)]
    rows, messages, number = [], [], 0
    for variant, count, goals in arms:
        for place in range(count):
            number += 1
            rows.append(reached(number) if place < goals else enrolment(number))
            messages.append(message(number, variant=variant, is_sent=variant != HOLD_OUT))
    cells, lines = counted(rows, messages), track_counts(pl.DataFrame(rows, schema=ENROLMENTS))
    known = {("v1", "decision", "call"): ARMS}
    touches = touch_lines(cells, {}, by_market=False)
    return Results(
        NOW - 90 * DAY, NOW, track_lines(lines, by_market=False), track_lines(lines, by_market=True), touches, touch_lines(cells, {}, by_market=True),
        {}, contests(touches, known), ratios(cells, known),
    )  # fmt: skip


def test_a_variant_is_better_where_its_readers_reach_the_goal_more_often_than_the_held_out() -> None:
    results = a_contest(short=120, held=20)

    short = next(each for each in results.contests if each.variant == "short")
    long = next(each for each in results.contests if each.variant == "long")
    assert (short.control, short.is_proven) == (HOLD_OUT, True)
    assert short.difference == pytest.approx(0.2)
    assert short.interval.low > 0.13
    assert (long.difference, long.is_proven, long.interval.has_zero) == (0, False, True)
    assert [row[-1] for row in contests_grid(results).rows] == ["cannot be told from zero", "better"]


def test_a_split_as_drawn_is_not_suspicious_and_a_lost_arm_is() -> None:
    fair, lost = a_contest(40, 20), a_contest(40, 20, held_of=100)

    assert fair.ratios[0].expected == pytest.approx({HOLD_OUT: 200, "short": 400, "long": 400})
    assert fair.ratios[0].chance == pytest.approx(1)
    assert fair.suspicious == []
    assert lost.ratios[0].is_suspicious
    assert "believe none of its contests" in warnings(lost)[0]


def test_each_version_is_judged_by_its_own_weights() -> None:
    even = Touch.model_validate({"name": "call", "wait": "1 day", "split": {"short": 1, "long": 1}}).arms
    rows = [enrolment(1), enrolment(2), *(enrolment(number, version="v2") for number in (3, 4))]
    messages = [message(number, variant=name) for number, name in ((1, "short"), (2, "long"), (3, "short"), (4, "long"))]

    ratio = ratios(counted(rows, messages), {("v1", "decision", "call"): ARMS, ("v2", "decision", "call"): even})[0]

    assert ratio.expected == pytest.approx({HOLD_OUT: 0.4, "short": 1.8, "long": 1.8})


def test_terminal_page_and_programs_tell_the_same() -> None:
    results = a_contest(short=120, held=20)
    page, told = re.sub(r"<[^>]+>", " ", results_page(results)), as_json(results)
    told_contests: Any = told["contests"]

    assert headline(results) == "180 of 1,000 who entered reached the goal"
    assert headline(results) in page
    assert all(grid.title in page for grid in grids(results))
    assert touches_grid(results).rows[1][:7] == ("decision", "call", "short", "400", "400", "0", "0")
    assert [each["is_proven"] for each in told_contests] == [False, True]


def test_a_suspicious_split_is_told_first() -> None:
    page = results_page(a_contest(40, 20, held_of=100))

    assert page.index("Suspicious splits") < page.index("<h2>Tracks</h2>")


def test_nothing_at_all_is_said_in_words() -> None:
    nothing = Results(NOW - DAY, NOW, [], [], [], [], {}, [], [])

    assert headline(nothing) == "Nobody entered a track"
    assert "No touch is planned yet" in results_page(nothing)


def test_segment_ends_an_enrolment_by_the_words_that_are_counted_as_the_goal() -> None:
    from cards import FIELDS

    from ripeline.decide.condition import parse_condition
    from ripeline.decide.fields import STANDING

    said = {"title": "T", "enter": {"when": "total >= 0"}, "leave": {"goal": "total >= 75"}, "touch": [{"name": "call", "wait": "1 day"}]}
    book = read_track(Track.model_validate(said), lambda text: parse_condition(text, {**FIELDS.lead, **STANDING}))
    leads = pl.DataFrame({"id": [1], "total": [9000], "barred": [None]}, schema_overrides={"barred": pl.String})
    running = pl.DataFrame({"enrolment_id": [1], "lead_id": [1], "track": ["t"], "group": ["nurture"], "version": ["v"]})

    out = ended(leads, running, {("v", "t"): book})

    assert out.columns == list(ENDED)
    assert out["because"].item().startswith(GOAL)
