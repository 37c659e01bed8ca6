"""The board of news: what is put up, and what may be taken down."""

from itertools import pairwise

import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from laws import tried
from people import a_lead
from sqlmodel import Session, col, select

from models import Lead, News
from ripeline.sweep.board import MOST_APART, POSTED, posted, put_up, raise_facts, runs, spans, take_down

IDS = st.lists(st.integers(1, 40), unique=True).map(sorted)


def _ids(*numbers: int) -> pl.Series:
    return pl.Series(numbers, dtype=pl.Int64)


def _rows(*pairs: tuple[int, int]) -> pl.DataFrame:
    return pl.DataFrame([(number, *pair) for number, pair in enumerate(pairs, start=1)], schema=POSTED, orient="row")


def _up(session: Session) -> list[tuple[int, int]]:
    return sorted((row.first, row.last) for row in session.exec(select(News)))


def _posted(session: Session, *pairs: tuple[int, int]) -> pl.DataFrame:
    session.add_all(News(first=first, last=last) for first, last in pairs)
    session.commit()
    return posted(session.get_bind().engine)


@tried(50)
@given(numbers=IDS)
def test_runs_hold_each_number_once_and_no_two_touch(numbers: list[int]) -> None:
    found = list(runs(numbers))

    assert [number for run in found for number in run] == numbers
    assert all(before.stop < after.start for before, after in pairwise(found))


def test_raised_facts_are_put_up_neighbours_together(session: Session) -> None:
    leads = [a_lead() for _ in range(4)]
    session.add_all(leads)
    session.commit()
    first, second, _, fourth = (lead.id for lead in leads if lead.id is not None)
    take_down(session, posted(session.get_bind().engine), _ids(), _ids())

    raise_facts(session, {fourth, second, first})
    session.commit()

    assert _up(session) == [(first, second), (fourth, fourth)]
    assert session.exec(select(Lead.facts_seq).order_by(col(Lead.id))).all() == [2, 2, 1, 2]


def test_of_very_many_close_together_all_between_them_are_told_of(session: Session) -> None:
    put_up(session, range(7, 7 + 4 * (MOST_APART + 1), 4))
    put_up(session, range(10_000, 10_000 + 9 * (MOST_APART + 1), 9))
    session.commit()

    assert _up(session)[0] == (7, 7 + 4 * MOST_APART)
    assert len(_up(session)) == 1 + MOST_APART + 1


def test_what_is_put_up_goes_with_the_transaction_that_did(session: Session) -> None:
    put_up(session, [1, 2, 3])
    session.rollback()

    assert posted(session.get_bind().engine).is_empty()


def test_spans_are_merged_where_they_touch_and_single_leads_are_none() -> None:
    assert spans(_rows((8, 12), (1, 3), (4, 6), (11, 20), (30, 30))) == [range(1, 7), range(8, 21)]


def test_a_row_goes_when_nobody_it_tells_of_is_behind(session: Session) -> None:
    rows = _posted(session, (1, 1), (2, 2), (3, 9))

    take_down(session, rows, behind=_ids(2), due=_ids(2))

    assert _up(session) == [(2, 2)]


def test_a_row_of_many_stays_as_long_as_one_of_them_is_due(session: Session) -> None:
    rows = _posted(session, (1, 9))

    take_down(session, rows, behind=_ids(4, 7), due=_ids(7))

    assert _up(session) == [(1, 9)]


def test_of_many_those_who_may_not_be_scored_are_told_of_alone_in_the_end(session: Session) -> None:
    rows = _posted(session, (1, 9))

    take_down(session, rows, behind=_ids(4, 7), due=_ids())

    assert _up(session) == [(4, 4), (7, 7)]


def test_what_was_put_up_meanwhile_stays(session: Session) -> None:
    rows = _posted(session, (1, 1))
    take_down(session, rows, behind=_ids(), due=_ids())
    _posted(session, (1, 1))

    take_down(session, rows, behind=_ids(), due=_ids())

    assert _up(session) == [(1, 1)]


def test_who_is_told_of_twice_and_stays_is_told_of_once(session: Session) -> None:
    rows = _posted(session, (1, 1), (1, 1), (1, 1))

    take_down(session, rows, behind=_ids(1), due=_ids(1))

    assert _up(session) == [(1, 1)]
