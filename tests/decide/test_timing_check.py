"""What `check` says about tracks, windows and caps that cannot work."""

from datetime import date

import pytest

from ripeline.decide.condition import parse_condition
from ripeline.decide.fields import IN_A_TRACK, STANDING, Field, FieldType
from ripeline.decide.limits import Limits
from ripeline.decide.market import Market
from ripeline.decide.timing_check import check_limits, check_market_timing, check_track_timing
from ripeline.decide.touch_check import Ground, check_days
from ripeline.decide.track import Track
from ripeline.decide.track_check import check_tracks, touch_names
from ripeline.zones import ambiguous_countries

ZONES = dict.fromkeys(ambiguous_countries(), "UTC") | {"default": "UTC"}


def limits(**changes) -> Limits:
    return Limits.model_validate({"quiet": {"from": "21:00", "to": "08:00"}, "fallback": {"zone": ZONES}} | changes)


def a_track(**changes) -> Track:
    return Track.model_validate({"title": "Proof", "enter": {"when": "total >= 25"}, "touch": [{"name": "case-study", "wait": "1 day"}]} | changes)


def read(text):
    return parse_condition(text, STANDING)


DATES = {"contract_ends": Field("contract_ends", FieldType.DATE), "company": Field("company", FieldType.TEXT)}
EVENTS = {kind: {"touch": Field("touch", FieldType.TEXT)} for kind in ("mail_clicked", "mail_opened")}


def read_touch(text):
    return parse_condition(text, IN_A_TRACK | DATES, EVENTS)


def found_in(today: date | None = None, **tracks: Track) -> list[str]:
    """Return the complaints about some tracks, with their names, on ground that has three templates."""
    ground = Ground({"case-study", "compare-plans", "book-a-call"}, touch_names(tracks), DATES, read_touch)
    past = [(name, problem) for name, track in tracks.items() if today for problem in check_days(track, today)]
    return [f"{name}: {line}" for name, problem in (*check_tracks(tracks, ground, read), *past) for line in said([problem])]


def said(problems) -> list[str]:
    return [f"{'warning: ' if each.is_warning else ''}{each.what} {each.remedy}" for each in problems]


def test_good_limits_are_let_through():
    assert said(check_limits(limits())) == []


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        pytest.param({"window": {"from": "22:00", "to": "23:30"}}, "lies wholly within quiet 21:00–08:00", id="a window within quiet hours"),
        pytest.param({"caps": {"per_day": 4, "per_week": 3}}, "warning: 4 a day is more than 3 a week", id="a daily cap above the weekly one"),
        pytest.param({"caps": {"gap": "4 days", "per_week": 3}}, "warning: a gap of 4 days leaves no room for 3 a week", id="a gap too long for the week"),
        pytest.param(
            {"fallback": {"zone": {"default": "UTC"}}}, "several time zones, and none to assume. Leads there get UTC", id="no zone for the United States"
        ),
    ],
)
def test_limits_that_cannot_work_are_told(changes, complaint):
    assert any(complaint in line for line in said(check_limits(limits(**changes))))


def test_a_market_without_an_open_hour_is_told():
    market = Market.model_validate({"title": "Night", "when": "TRUE", "window": {"from": "21:30", "to": "22:00"}})

    (problem,) = check_market_timing("night", market, limits())

    assert problem.place == ("window",)
    assert problem.what == "market 'night': the window (business days 21:30–22:00) lies wholly within quiet 21:00–08:00."


def test_a_touch_whose_window_never_opens_is_named_with_the_market():
    quiet = Market.model_validate({"title": "Siesta", "when": "TRUE", "quiet": {"from": "08:00", "to": "18:00"}})

    (problem,) = check_track_timing(a_track(), {"siesta": quiet}, limits())

    assert "touch 'case-study': its window (business days 09:00–17:00) lies wholly within quiet 08:00–18:00 in market 'siesta'" in problem.what


def test_a_touch_that_expires_before_mail_goes_is_told():
    track = a_track(touch=[{"name": "case-study", "wait": "1 day", "expires": "10 minutes"}])

    assert said(check_track_timing(track, {}, limits())) == [
        "warning: touch 'case-study' expires after 10 minutes. Mail goes out by the hour: give it a day or more."
    ]


@pytest.mark.parametrize(
    ("track", "complaint"),
    [
        pytest.param(
            a_track(touch=[{"name": "case-studdy", "wait": "1 day"}]), "no template 'case-studdy'. Did you mean 'case-study'?", id="a template with a typo"
        ),
        pytest.param(a_track(enter={"when": "totl >= 25"}), "Did you mean 'total'?", id="a field with a typo"),
        pytest.param(a_track(enter={"when": "total BETWEEN 25 AND 49"}), "leaves out 49.50", id="a hundredth left out"),
        pytest.param(a_track(leave={"when": "total >= 25"}), "nobody could stay", id="leaving as one enters"),
        pytest.param(a_track(enter={"when": "total >= 50 AND total < 25"}), "no lead can enter this track", id="an entrance for nobody"),
        pytest.param(a_track(leave={"when": "total >= 20"}), "no lead can enter this track, or it would leave at once", id="an exit right behind it"),
        pytest.param(a_track(enter={"when": "stage = 'customr'"}), "no lead can enter this track", id="a stage that is none"),
        pytest.param(a_track(enter={"when": "FALSE"}), "no lead can enter this track", id="shut"),
        pytest.param(a_track(enter={"when": "total >= 50 AND total < 25 AND market = 'de'"}), "no lead can enter this track", id="whatever else it asks"),
        pytest.param(
            a_track(enter={"when": "stage = 'lead'"}, leave={"when": "(stage <> 'customer') OR market = 'de'"}),
            "or it would leave at once",
            id="an exit for all",
        ),
    ],
)
def test_a_track_that_cannot_work_is_told(track, complaint):
    assert any(complaint in line for line in found_in(proof=track))


def test_two_tracks_of_one_rank_or_one_name_are_told():
    assert found_in(one=a_track(), two=a_track()) == [
        "two: warning: track 'one' of group 'nurture' has priority 0 too. Whoever may enter both gets the first by name: give them different priorities.",
        "two: track 'one' is called 'Proof' too. Reports show titles: give them different ones.",
    ]


CASE = {"name": "case-study", "wait": "1 day"}
DEFAULT = {"template": "case-study"}


def forked(*choices: dict) -> list[dict]:
    return [CASE, {"name": "fork", "wait": "4 days", "choose": list(choices)}, {"name": "book-a-call", "wait": "1 day"}]


def test_a_fork_with_a_way_on_for_everybody_is_let_through():
    choices = {"when": "clicked('case-study')", "template": "compare-plans"}, {"when": "rose(total, by = 10)", "go_to": "book-a-call"}, DEFAULT

    assert found_in(proof=a_track(touch=forked(*choices))) == []


@pytest.mark.parametrize(
    ("touches", "complaint"),
    [
        pytest.param(
            forked({"when": "clicked('case-study')", "template": "compare-plans"}), "the last choice has a condition, so some have no way on", id="no default"
        ),
        pytest.param(forked(DEFAULT, DEFAULT), "a choice without 'when' is taken by everybody", id="a default too early"),
        pytest.param(
            forked({"when": "TRUE", "template": "compare-plan"}, DEFAULT), "no template 'compare-plan'. Did you mean 'compare-plans'?", id="no letter"
        ),
        pytest.param(
            forked({"when": "TRUE", "go_to": "book-a-cal"}, DEFAULT),
            "touch 'fork' goes to 'book-a-cal', which this track does not have. Did you mean 'book-a-call'?",
            id="a branch to nowhere",
        ),
        pytest.param(forked({"when": "TRUE", "go_to": "case-study"}, DEFAULT), "goes back to 'case-study': that is a loop", id="a loop"),
        pytest.param(forked({"when": "TRUE", "go_to": "fork"}, DEFAULT), "goes back to 'fork': that is a loop", id="a loop of one"),
        pytest.param(
            forked({"when": "clicked('case-studdy')", "template": "compare-plans"}, DEFAULT),
            "no track has a touch 'case-studdy', so nobody answers it. Did you mean 'case-study'?",
            id="an answer to no touch",
        ),
        pytest.param([CASE | {"when": "clicked('case')"}], "no track has a touch 'case'", id="a condition on no touch"),
        pytest.param([CASE | {"split": {"book-a-call": 1, "book-a-cal": 1}}], "no template 'book-a-cal'", id="a split into nothing"),
        pytest.param([CASE | {"on": "contract_end"}], "unknown field 'contract_end'. Did you mean 'contract_ends'?", id="a day nobody has"),
        pytest.param([CASE | {"on": "company"}], "company is a text, not a date. Dates are: contract_ends", id="a day that is none"),
        pytest.param([CASE | {"on": date(2026, 3, 1)}], "warning: touch 'case-study' is for 2026-03-01, which is past", id="a day gone by"),
    ],
)
def test_a_touch_that_cannot_work_is_told(touches, complaint):
    assert any(complaint in line for line in found_in(date(2026, 3, 2), proof=a_track(touch=touches)))


def test_nobody_answers_to_a_score_that_rises_outside_a_track():
    assert any("a score rises since a lead entered its track" in line for line in found_in(proof=a_track(enter={"when": "rose(total)"})))
