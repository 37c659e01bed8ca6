"""Batches in work at the same time: their counts come in order, and none is lost when one of them cannot be done."""

from threading import Barrier

import pytest

from ripeline.sweep import run
from ripeline.values import Refusal, Tally

BATCHES = [range(start, start + 10) for start in (1, 11, 21, 31)]


def test_the_counts_of_batches_come_in_their_order_whichever_ends_first() -> None:
    told = [tally["first"] for tally in run._each(lambda batch: Tally.of(first=batch.start), BATCHES, at_once=2)]

    assert told == [1, 11, 21, 31]


def test_two_batches_are_in_work_at_a_time() -> None:
    both = Barrier(2, timeout=60)  # broken, and so an error, unless two wait for each other

    def take(batch: range) -> Tally:
        both.wait()
        return Tally.of(done=len(batch))

    assert sum(run._each(take, BATCHES, at_once=2), Tally())["done"] == 40


def test_a_refusal_carries_what_was_done_beside_it_and_nothing_begins_after_it() -> None:
    both, begun = Barrier(2, timeout=60), []

    def take(batch: range) -> Tally:
        begun.append(batch.start)
        both.wait()
        if batch.start == 1:
            raise Refusal("the disk is full: make room")
        return Tally.of(done=len(batch))

    with pytest.raises(Refusal) as refused:
        list(run._each(take, BATCHES, at_once=2))

    assert refused.value.tally["done"] == 10
    assert sorted(begun) == [1, 11]
