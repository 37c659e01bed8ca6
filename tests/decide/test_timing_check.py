"""What `check` says about tracks, windows and caps that cannot work."""

import pytest

from ripeline.decide.condition import parse_condition
from ripeline.decide.fields import STANDING
from ripeline.decide.limits import Limits
from ripeline.decide.market import Market
from ripeline.decide.timing_check import check_limits, check_market_timing, check_track_timing
from ripeline.decide.track import Track
from ripeline.decide.track_check import check_tracks
from ripeline.zones import ambiguous_countries

ZONES = dict.fromkeys(ambiguous_countries(), "UTC") | {"default": "UTC"}


def limits(**changes) -> Limits:
    return Limits.model_validate({"quiet": {"from": "21:00", "to": "08:00"}, "fallback": {"zone": ZONES}} | changes)


def a_track(**changes) -> Track:
    return Track.model_validate({"title": "Proof", "enter": {"when": "total >= 25"}, "touch": [{"name": "case-study", "wait": "1 day"}]} | changes)


def read(text):
    return parse_condition(text, STANDING)


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
    ],
)
def test_a_track_that_cannot_work_is_told(track, complaint):
    found = [line for _, problem in check_tracks({"proof": track}, {"case-study"}, read) for line in said([problem])]

    assert any(complaint in line for line in found)


def test_two_tracks_of_one_rank_are_told():
    found = [(name, problem.what) for name, problem in check_tracks({"one": a_track(), "two": a_track()}, {"case-study"}, read)]

    assert found == [("two", "track 'one' of group 'nurture' has priority 0 too.")]
