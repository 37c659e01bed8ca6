"""What `ripeline check` says of the real base: leads in no market or in two, rules that are thin, one score for all."""

from dataclasses import replace

import pytest
from cards import card
from people import NOW, a_lead
from shipped import in_english
from sqlmodel import Session

from models import PlaybookApplication, PlaybookVersion
from ripeline.decide.market import Market
from ripeline.decide.track import Track
from ripeline.playbook.playbook import CARD, Playbook
from ripeline.sweep.base_check import check_base

SIZE = '[[fit]]\nname = "Size"\nnumber = "employees"\nbins = [{ from = 1, points = 7 }]\nneeds_coverage = 0.4\n'


@pytest.fixture(scope="module")
def whole() -> Playbook:
    """Give the shipped playbook without markets."""
    return replace(in_english(), markets={}, tracks={})


def _findings(session: Session, whole: Playbook, text: str = "", **markets: str) -> list[str]:
    told = {name: Market(title=name, when=when, priority=5) for name, when in markets.items()}
    files = {**whole.files, CARD: f'title = "Test"\n{text}', **{f"playbook/markets/{name}.toml": "" for name in markets}}
    playbook = replace(whole, hash=f"base {text} {markets}", files=files, markets=told, scorecard=card(text).card)
    return [f"{finding.path}:{finding.line} {finding.what}" for finding in check_base(session.get_bind().engine, playbook, NOW)]


@pytest.fixture
def crowd(session: Session) -> Session:
    """Give a session on 120 leads: 40 Dutch, 40 German, 40 of whom no country is known; of 30 the size."""
    session.add_all([a_lead(country=["NL", "DE", None][number % 3], employees=50 if number < 30 else None) for number in range(120)])
    session.commit()
    return session


def test_leads_in_no_market_and_in_two_are_counted(crowd, whole):
    told = _findings(crowd, whole, SIZE.replace("0.4", "0.1"), benelux="country = 'NL'", dutch="country = 'NL'", large="employees >= 50")

    assert told == [
        "playbook/markets/:0 60 of 120 leads are in no market: for them the scorecard counts as it is.",
        "playbook/markets/dutch.toml:0 40 leads are in market 'benelux' and in market 'dutch', of one priority.",
        "playbook/markets/large.toml:0 10 leads are in market 'benelux' and in market 'large', of one priority.",
        "playbook/markets/large.toml:0 10 leads are in market 'dutch' and in market 'large', of one priority.",
    ]


def test_a_thin_rule_is_told_with_what_the_card_says_of_it(crowd, whole):
    for when_thin, said in {"refuse": "the card is refused", "leave_out": "it gives nothing for now", "warn": "it counts all the same"}.items():
        told = _findings(crowd, whole, f'{SIZE}when_thin = "{when_thin}"')
        assert told == [f"{CARD}:6 rule 'Size' needs 'employees' of 40% of all leads, 25.0% have it: {said}."]


def test_a_card_that_gives_every_real_lead_the_same_is_told(crowd, whole):
    (told,) = _findings(crowd, whole, '[[fit]]\nname = "A"\nwhen = "industry = \'Mining\'"\npoints = 5')
    assert told == f"{CARD}:0 every lead would have the same score: of 120 looked at, all have 0."


def test_an_empty_base_has_nothing_to_say(session, whole):
    assert _findings(session, whole, SIZE, dutch="country = 'NL'") == []


def test_a_former_name_that_no_live_track_ever_had_is_told(session, whole):
    session.add(PlaybookVersion(hash="before", files={"playbook/tracks/decision.toml": ""}, created_at=NOW, created_by="a test"))
    session.flush()
    session.add(PlaybookApplication(hash="before", applied_at=NOW, applied_by="a test"))
    session.commit()
    track = Track.model_validate({"title": "Deal", "enter": {"when": "TRUE"}, "was": ["decision", "decison"], "touch": [{"name": "hello", "wait": "1 day"}]})
    playbook = replace(whole, files=whole.files | {"playbook/tracks/deal.toml": 'was = ["decision", "decison"]'}, tracks={"deal": track})

    (told,) = check_base(session.get_bind().engine, playbook, NOW)

    assert str(told) == (
        "playbook/tracks/deal.toml:1               warning: was = 'decison': no version that was ever live had a track of this name. Did you mean 'decision'?"
    )
