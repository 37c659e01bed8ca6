"""Working ahead: the next slices are worked at while one is used, and come in their order."""

import threading
from functools import partial

import pytest
from waiting import PATIENCE

from ripeline.sweep import ahead
from ripeline.sweep.ahead import slices


def test_what_is_found_comes_in_order_though_others_end_sooner():
    second_is_done = threading.Event()

    def first() -> str:
        assert second_is_done.wait(PATIENCE)
        return "first"

    def second() -> str:
        second_is_done.set()
        return "second"

    assert [*ahead.ahead([first, second], threads=2)] == ["first", "second"]


def test_no_more_than_a_few_are_begun_before_one_is_used():
    begun: list[int] = []
    found = ahead.ahead((partial(begun.append, number) for number in range(10)), threads=1)

    next(found)

    assert len(begun) <= ahead.MOST_WAITING + 1


def test_a_task_that_fails_is_heard_of_where_its_turn_is():
    def fails() -> str:
        raise LookupError

    found = ahead.ahead([lambda: "well", fails], threads=1)
    assert next(found) == "well"
    with pytest.raises(LookupError):
        next(found)


@pytest.mark.parametrize("count", [0, 1, 25_000, 25_001, 100_000])
def test_slices_hold_everybody_once_and_the_first_one_is_small_among_many(count):
    everybody, parts = range(count), list(slices(count))

    assert [each for part in parts for each in everybody[part]] == list(everybody)
    assert len(parts) < 2 or len(everybody[parts[0]]) == ahead.FIRST
