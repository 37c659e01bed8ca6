"""Reading ahead: what comes next is made beside, in its order, and no further."""

from collections.abc import Iterator
from threading import Event, get_ident

import pytest

from ripeline.sweep.ingest.ahead import read_ahead
from ripeline.values import Refusal


def test_all_come_in_their_order_each_made_by_the_thread_beside() -> None:
    makers: set[int] = set()

    def made() -> Iterator[int]:
        for number in range(5):
            makers.add(get_ident())
            yield number

    assert list(read_ahead(made())) == [0, 1, 2, 3, 4]
    assert len(makers) == 1
    assert get_ident() not in makers


def test_the_next_one_is_made_while_one_is_worked_on() -> None:
    begun = Event()

    def made() -> Iterator[str]:
        yield "first"
        begun.set()
        yield "second"

    coming = read_ahead(made())

    assert next(coming) == "first"
    assert begun.wait(30)
    assert list(coming) == ["second"]


def test_what_goes_wrong_beside_is_told_in_its_turn() -> None:
    def made() -> Iterator[int]:
        yield 1
        raise Refusal("the file was cut short")

    coming = read_ahead(made())

    assert next(coming) == 1
    with pytest.raises(Refusal, match="cut short"):
        next(coming)
