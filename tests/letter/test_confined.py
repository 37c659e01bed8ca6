"""Work on what nobody has published runs in a process of its own, within bounds (RELIABILITY I31)."""

import operator

import pytest

from ripeline.letter.confined import MEBIBYTE, Bounds, Confined, Exceeded
from ripeline.values import Refusal

BOUNDS = Bounds(cpu_seconds=1, memory_bytes=64 * MEBIBYTE, answer_bytes=10_000)


def _answers(tasks: list[int]) -> list[object]:
    """Return what 7 to the power of each task is, or why nobody waited for it."""
    with Confined(operator.pow, int, (7,), 1, BOUNDS) as beside:
        return [answer for _, answer in beside.answers(tasks)]


def test_a_task_within_bounds_is_answered_and_one_beyond_them_harms_nobody_else() -> None:
    assert _answers([2, 10**9, 3, 10**5, 1]) == [
        49,
        Exceeded("more than 1 s of processor time"),
        343,
        Exceeded("more than 10,000 bytes of answer"),
        7,
    ]


def test_a_task_that_wants_all_the_memory_is_stopped() -> None:
    with Confined(operator.mul, bytes, (1,), 1, BOUNDS) as beside:
        assert list(beside.answers([10**9])) == [(10**9, Exceeded("more than 64 MiB of memory"))]


def test_a_process_that_ends_by_itself_is_told() -> None:
    with Confined(operator.truediv, int, (7,), 1, Bounds()) as beside, pytest.raises(Refusal, match="ended with code 1"):
        list(beside.answers([0]))
