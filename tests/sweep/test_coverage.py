"""Coverage: a rule that too few leads have anything for is handled as its card says, everywhere alike, and the run names it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from cards import card
from people import NOW, a_lead
from shipped import in_english
from sqlmodel import Session, col, func, select

from models import Coverage, Lead, Score
from ripeline.decide.coverage import FEWEST, thin_rules
from ripeline.decide.market import Market
from ripeline.playbook.coverage import covered
from ripeline.playbook.playbook import Playbook
from ripeline.report.coverage import read_coverage
from ripeline.sweep.rescore import due, rescore
from ripeline.sweep.scoring import scoring_of
from ripeline.values import Tally

TOMORROW = NOW + timedelta(days=1)

SIZE = '[[fit]]\nname = "Size"\nnumber = "employees"\nbins = [{ from = 1, points = 7 }]\nmissing = 2\nneeds_coverage = 0.4\n'
DUTCH = '[[fit]]\nname = "Dutch"\nwhen = "country = \'NL\'"\npoints = 10\n'


@pytest.mark.parametrize(
    ("known", "before", "is_thin"),
    [
        pytest.param(40, frozenset(), False, id="as many as it needs"),
        pytest.param(39, frozenset(), True, id="one too few"),
        pytest.param(41, frozenset({"Size"}), True, id="thin till now, and hardly better"),
        pytest.param(42, frozenset({"Size"}), False, id="thin till now, and well above"),
    ],
)
def test_a_rule_is_thin_below_its_share_and_comes_back_with_a_margin(known, before, is_thin):
    assert [thin.rule for thin in thin_rules([card(SIZE)], 100, {"employees": known}, before)] == (["Size"] if is_thin else [])


def test_of_few_leads_a_share_says_nothing():
    assert thin_rules([card(SIZE)], FEWEST - 1, {"employees": 0}) == []


def test_the_attribute_that_fewest_have_decides():
    both = '[[fit]]\nname = "A"\nwhen = "employees > 5 AND country = \'NL\'"\npoints = 1\nneeds_coverage = 0.5'
    (thin,) = thin_rules([card(both)], 200, {"employees": 180, "country": 20})
    assert str(thin) == "rule 'A' needs 'country' of 50% of all leads, 10.0% have it"


@pytest.fixture(scope="module")
def whole() -> Playbook:
    """Give the shipped playbook without tracks."""
    return replace(in_english(), markets={}, tracks={})


@pytest.fixture
def playbook(whole: Playbook) -> Playbook:
    """Give a playbook whose card needs to know the employees of two leads in five."""
    return _by(whole, "refuse")


def _by(whole: Playbook, when_thin: str) -> Playbook:
    return replace(whole, hash=f"coverage {when_thin}", scorecard=card(f'{DUTCH}{SIZE}when_thin = "{when_thin}"').card)


@pytest.fixture
def crowd(session: Session) -> Session:
    """Give a session on a base of 120 Dutch leads; of 30 the size is known."""
    session.add_all([a_lead(country="NL", employees=50 if number < 30 else None) for number in range(120)])
    session.commit()
    return session


def _run(session: Session, playbook: Playbook, now=NOW) -> Tally:
    batches = due(session, playbook, now=now, batch_size=50)
    session.commit()
    session.rollback()
    return sum((rescore(session, batch, playbook, now=now) for batch in batches), Tally())


@pytest.mark.parametrize(
    ("when_thin", "fit", "said"),
    [
        pytest.param("leave_out", {1000}, "120 scored, 120 without 'Size'", id="left out"),
        pytest.param("refuse", {1000}, "120 scored, 120 without 'Size'", id="refused, and left out while it is live"),
        pytest.param("warn", {1700, 1200}, "120 scored", id="counted all the same"),
    ],
)
def test_a_thin_rule_is_handled_as_the_card_says_and_the_run_names_it(crowd, whole, when_thin, fit, said):
    tally = _run(crowd, _by(whole, when_thin))

    assert str(tally) == said
    assert set(crowd.exec(select(Score.fit))) == fit
    (kept,) = crowd.exec(select(Coverage)).all()
    assert (kept.leads, kept.thin, kept.left_out) == (120, {"Size": 0.25}, [] if when_thin == "warn" else ["Size"])


def test_scores_and_whoever_reads_them_go_by_the_same_rules(crowd, playbook):
    _run(crowd, playbook)

    assert set(crowd.exec(select(Score.version))) == {scoring_of(covered(crowd, playbook)).version}
    assert _run(crowd, playbook, TOMORROW) == Tally()


def test_a_rule_counts_again_for_everybody_once_enough_is_known(crowd, playbook):
    _run(crowd, playbook)
    for lead in crowd.exec(select(Lead).where(col(Lead.employees).is_(None)).limit(60)).all():
        lead.employees = 9
    crowd.commit()

    assert str(_run(crowd, playbook, TOMORROW)) == "120 scored"
    assert crowd.exec(select(Score.fit, func.count()).group_by(col(Score.fit)).order_by(col(Score.fit))).all() == [(1200, 30), (1700, 90)]


def test_the_past_is_told_by_the_rules_that_counted_then(crowd, playbook):
    _run(crowd, playbook)
    for lead in crowd.exec(select(Lead)).all():
        lead.employees = 9
    crowd.commit()
    _run(crowd, playbook, TOMORROW)

    assert covered(crowd, playbook, NOW).left_out == {"Size"}
    assert covered(crowd, playbook, TOMORROW).left_out == covered(crowd, playbook, NOW - timedelta(days=1)).left_out == frozenset()


def test_the_base_is_read_once_a_run_whatever_the_number_of_batches(crowd, playbook, monkeypatch):
    import ripeline.sweep.coverage as room

    read = []
    thin_now = room.thin_now
    monkeypatch.setattr(room, "thin_now", lambda *given: read.append(given) or thin_now(*given))
    _run(crowd, playbook)
    assert len(read) == 1


def test_a_dry_run_goes_by_the_rules_by_which_the_real_one_will(crowd, playbook):
    batches = due(crowd, playbook, now=NOW, batch_size=50)
    crowd.rollback()

    tallies = [rescore(crowd, batch, playbook, now=NOW, dry_run=True) for batch in batches]

    assert sum(tallies, Tally()) == _run(crowd, playbook) == Tally({"scored": 120, "changed_grade": 0, "withheld": 0, "without 'Size'": 120})


def test_the_report_names_what_was_left_out_with_its_share_in_each_market(crowd: Session, whole: Playbook) -> None:
    dutch = Market(title="Netherlands", when="country = 'NL'", priority=1)
    playbook = replace(_by(whole, "leave_out"), hash="coverage by market", markets={"nl": dutch})
    crowd.add_all([a_lead(country="DE", employees=7) for _ in range(5)])
    crowd.commit()
    _run(crowd, playbook)

    (line,) = read_coverage(crowd.get_bind().engine, covered(crowd, playbook))

    assert (line.rule, line.attribute, line.needs, line.standing) == ("Size", "employees", 0.4, "left out")
    assert (line.known, line.by_market) == (0.28, {"nl": 0.25, "": 1.0})


@pytest.mark.parametrize(("when_thin", "standing"), [("leave_out", "left out from the next rescore on"), ("warn", "thin, and counts all the same")])
def test_the_report_measures_afresh(crowd: Session, whole: Playbook, when_thin: str, standing: str) -> None:
    (line,) = read_coverage(crowd.get_bind().engine, _by(whole, when_thin))

    assert line.standing == standing
