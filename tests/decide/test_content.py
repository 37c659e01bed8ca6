"""What a lead is offered to read next."""

import pytest
from pydantic import ValidationError

from models.lead import Stage
from ripeline.decide.content import Asset, Content, unread


def _asset(name: str, *stages: Stage, topics: tuple[str, ...] = ()) -> Asset:
    return Asset(name=name, title=f"About {name}", path=f"/{name}", stages=stages or (Stage.LEAD,), topics=topics)


EARLY, LATE = _asset("early", Stage.LEAD), _asset("late", Stage.MARKETING_QUALIFIED)
FORMS, MONEY = _asset("forms", topics=("forms",)), _asset("money", topics=("money",))


@pytest.mark.parametrize(("assets", "seen", "interests", "expected"), [
    pytest.param([LATE, EARLY], (), (), ["early", "late"], id="what is for its stage, then what comes later"),
    pytest.param([EARLY, LATE], ("early",), (), ["late"], id="not what it downloaded"),
    pytest.param([EARLY, LATE], ("/early",), (), ["late"], id="not what it looked at"),
    pytest.param([FORMS, MONEY], (), ("money",), ["money", "forms"], id="what it cares about first"),
    pytest.param([FORMS, MONEY], (), (), ["forms", "money"], id="else in the order of the file"),
    pytest.param([FORMS, MONEY, _asset("more-money", topics=("money",))], ("money",), (), ["more-money", "forms"], id="more of what it read"),
    pytest.param([EARLY], ("early",), (), [], id="nothing where all is read"),
])  # fmt: skip
def test_a_lead_is_offered_what_it_has_not_read(assets: list[Asset], seen: tuple[str, ...], interests: tuple[str, ...], expected: list[str]) -> None:
    assert [asset.name for asset in unread(Content(asset=tuple(assets)), Stage.LEAD, set(seen), set(interests))] == expected


def test_what_is_for_earlier_stages_alone_is_not_offered() -> None:
    assert [asset.name for asset in unread(Content(asset=(EARLY, LATE)), Stage.SALES_QUALIFIED, set(), set())] == []


@pytest.mark.parametrize("path", ["//evil.example", "javascript:alert(1)", "http://www.example.com/a", "/a b", "a"])
def test_an_asset_lies_below_our_site_or_at_a_whole_https_address(path: str) -> None:
    with pytest.raises(ValidationError, match="is no place"):
        Asset(name="a", title="About a", path=path, stages=(Stage.LEAD,))


def test_two_assets_of_one_name_are_refused() -> None:
    with pytest.raises(ValidationError, match="two assets are called 'early'"):
        Content(asset=(EARLY, EARLY))
