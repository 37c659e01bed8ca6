"""Tracks, stages, places and limits as marketers write them: what is understood, and what is refused in words."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from models.lead import Stage
from ripeline.decide.limits import Caps, CapsChange, Limits
from ripeline.decide.market import Market, by_priority
from ripeline.decide.places import Places
from ripeline.decide.stages import Stages
from ripeline.decide.track import Track
from ripeline.zones import Whereabouts, Zone, zone_of

TRACK = {"title": "Proof", "enter": {"when": "total >= 25"}, "touch": [{"name": "case-study", "wait": "1 day"}]}


A = {"name": "a", "wait": "1 day"}


@pytest.mark.parametrize(
    ("again", "expected"),
    [
        pytest.param("never", None, id="never"),
        pytest.param("always", timedelta(), id="always"),
        pytest.param("after 90 days", timedelta(days=90), id="after some time"),
    ],
)
def test_a_track_says_when_it_may_be_entered_again(again, expected):
    assert Track.model_validate(TRACK | {"enter": {"when": "total >= 25", "again": again}}).enter.again == expected


def test_unless_it_says_so_a_track_is_entered_once():
    assert Track.model_validate(TRACK).enter.again is None


def test_a_touch_is_rendered_from_the_template_of_its_name_unless_it_names_another():
    track = Track.model_validate(TRACK | {"touch": [{"name": "proof", "wait": "1 day", "template": "case-study"}, {"name": "next", "wait": "1 day"}]})

    assert [touch.folder for touch in track.touches] == ["case-study", "next"]


def a_touch(**changes):
    return Track.model_validate(TRACK | {"touch": [A | changes]}).touches[0]


def test_a_touch_that_chooses_goes_by_the_letter_for_everybody_else_until_it_is_asked():
    touch = a_touch(choose=[{"when": "TRUE", "template": "b"}, {"when": "TRUE", "go_to": "d"}, {"template": "c"}])

    assert (touch.folder, touch.folders) == ("c", ("b", "c"))


@pytest.mark.parametrize(
    ("changes", "arms"),
    [
        pytest.param({}, [], id="everybody gets the same"),
        pytest.param({"split": {"b": 45, "c": 45}, "hold_out": 10}, [("hold_out", 0.1), ("b", 0.55), ("c", 1.0)], id="two letters and nothing"),
        pytest.param({"split": {"b": 3, "c": 1}}, [("b", 0.75), ("c", 1.0)], id="weights are shares of their sum"),
        pytest.param({"hold_out": 20}, [("hold_out", 0.2), ("a", 1.0)], id="one letter against nothing"),
    ],
)
def test_a_split_shares_the_leads_out(changes, arms):
    assert [(arm.variant, round(arm.until, 9)) for arm in a_touch(**changes).arms] == arms


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        pytest.param({"touch": []}, "at least 1 item", id="no touch"),
        pytest.param({"touch": TRACK["touch"] * 2}, "two touches are called 'case-study'", id="one name twice"),
        pytest.param({"touch": [{"name": "a:b", "wait": "1 day"}]}, "pattern", id="a name that keys cannot carry"),
        pytest.param({"touch": [{"name": "a", "wait": "soon"}]}, "is not a duration", id="a wait that is none"),
        pytest.param({"touch": [{"name": "a", "wait": "1 day", "expires": "2 business days"}]}, "needs a calendar", id="expiry on a calendar"),
        pytest.param({"touch": [{"name": "a"}]}, "neither 'wait' nor 'on'", id="no turn"),
        pytest.param({"touch": [A | {"template": "b", "split": {"c": 1}}]}, "says template and split", id="two letters at once"),
        pytest.param({"touch": [A | {"choose": [{"when": "TRUE"}]}]}, "either a 'template' or a touch to 'go_to'", id="a choice that leads nowhere"),
        pytest.param({"touch": [A | {"choose": [{"template": "b"}], "hold_out": 10}]}, "choose and hold_out", id="a hold-out that compares unlike with unlike"),
        pytest.param({"touch": [A | {"hold_out": 100}]}, "less than 100", id="nobody gets it"),
        pytest.param({"touch": [A | {"before": "3 days"}]}, "of nothing", id="before nothing"),
        pytest.param({"touch": [A | {"on": "contract_ends", "before": "3 hours"}]}, "count dates", id="hours before a date"),
        pytest.param({"touch": [A | {"on": "contract_ends", "before": "3 days", "after": "1 day"}]}, "it goes once", id="before and after"),
        pytest.param({"touch": [A, {"name": "b", "was": "a", "wait": "1 day"}]}, "a name is never used again", id="a name in use again"),
        pytest.param({"touch": [A | {"was": "a"}]}, "always called so", id="renamed to itself"),
        pytest.param({"enter": {"when": "TRUE", "again": "sometimes"}}, 'write "never", "always" or "after 90 days"', id="again at no time"),
        pytest.param({"entr": {}}, "entr", id="a key nobody knows"),
    ],
)
def test_a_track_that_makes_no_sense_is_refused_in_words(changes, complaint):
    with pytest.raises(ValidationError, match=complaint):
        Track.model_validate(TRACK | changes)


def test_stages_come_in_the_order_of_the_funnel_and_a_lead_falls_to_where_it_can_rest():
    stages = Stages.model_validate({
        "opportunity": {"enter": "total >= 90", "leave": "total < 80"}, "sales_accepted": {"on": ["handoff_accepted"]},
        "marketing_qualified": {"enter": "total >= 50", "leave": "total < 40", "stay": "3 days"}, "lead": {}, "subscriber": {},
    })  # fmt: skip

    assert list(stages.rules) == [Stage.SUBSCRIBER, Stage.LEAD, Stage.MARKETING_QUALIFIED, Stage.SALES_ACCEPTED, Stage.OPPORTUNITY]
    assert stages.below(Stage.OPPORTUNITY) == [Stage.MARKETING_QUALIFIED, Stage.LEAD]
    assert stages.rules[Stage.MARKETING_QUALIFIED].stays == timedelta(days=3)


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        pytest.param({"marketing_qualified": {"enter": "total >= 50", "leave": "total < 40"}}, "no lower stage to go to", id="nowhere to fall to"),
        pytest.param({"marketing_qualifed": {}}, "marketing_qualifed", id="a stage with a typo"),
        pytest.param({"lead": {"stay": "2 business days"}}, "needs a calendar", id="a stay on a calendar"),
    ],
)
def test_stages_that_make_no_sense_are_refused_in_words(said, complaint):
    with pytest.raises(ValidationError, match=complaint):
        Stages.model_validate(said)


def test_a_place_needs_its_country():
    places = Places.model_validate({"country": {"CA": {"city": {"America/Toronto": ["London"]}, "region": {"America/Vancouver": ["BC", "British Columbia"]}}}})

    assert zone_of(Whereabouts(city="london", country="CA"), {}, places.zones) == Zone("America/Toronto", "city")
    assert zone_of(Whereabouts(region="British-Columbia", country="ca"), {}, places.zones) == Zone("America/Vancouver", "region")
    assert zone_of(Whereabouts(city="London"), {}, places.zones) == Zone("Europe/London", "city")


@pytest.mark.parametrize(
    ("shape", "said", "complaint"),
    [
        pytest.param(Places, {"country": {"US": {"city": {"Mars/Base": ["Dome"]}}}}, "'Mars/Base' does not exist", id="a place in no zone"),
        pytest.param(Limits, {"fallback": {"zone": {"US": "Mars/Base", "default": "UTC"}}}, "'Mars/Base' for US does not exist", id="a fallback that is none"),
        pytest.param(Limits, {"fallback": {"zone": {"US": "America/Chicago"}}}, "no 'default'", id="no default"),
        pytest.param(Limits, {"caps": {"per_day": 0}}, "greater than or equal to 1", id="no mail at all"),
        pytest.param(Limits, {"caps": {"gap": "2 business days"}}, "needs a calendar", id="a gap on a calendar"),
        pytest.param(Limits, {"quiet": {"from": "08:00", "to": "08:00"}}, "the whole day", id="quiet for ever"),
        pytest.param(Market, {"title": "X", "when": "TRUE", "money": {"currency": "Euro"}}, "pattern", id="a currency by its name"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(shape, said, complaint):
    with pytest.raises(ValidationError, match=complaint):
        shape.model_validate(said)


def test_a_market_changes_only_the_caps_it_names():
    assert Caps(per_day=1, per_week=3).changed_by(CapsChange(per_week=2)) == Caps(per_day=1, per_week=2)


def test_markets_are_asked_by_priority_then_name():
    markets = {name: Market(title=name, when="TRUE", priority=priority) for name, priority in (("b", 1), ("c", 5), ("a", 1))}

    assert [name for name, _ in by_priority(markets)] == ["c", "a", "b"]
