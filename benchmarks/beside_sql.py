"""Rescoring everybody beside hand-written SQL for the same card over the same tables and indexes, in turns, so that both meet the same machine."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from benchmarks.ours import Told, ours
from benchmarks.population import empty_scores
from ripeline.database import engine_for


@dataclass(frozen=True)
class Referee:
    """One statement that puts the totals of everybody into the table of scores, and what it is run with."""

    sql: str
    parameters: Mapping[str, Any]

    def run(self, url: str) -> float:
        """Return the seconds it took."""
        begun = time.perf_counter()
        with engine_for(url).begin() as connection:
            connection.execute(sa.text(self.sql), dict(self.parameters))
        return time.perf_counter() - begun


def beside_sql(url: str, card: Path, referee: Referee, rounds: int) -> tuple[Told, float]:
    """Return our best run and the seconds of the referee's; SystemExit where both did not compute the same. Our scores stay."""
    theirs, told = [], []
    for _ in range(rounds):
        empty_scores(url)
        theirs.append(referee.run(url))
        totals = _totals(url)
        empty_scores(url)
        told.append(ours("rescore", url, card))
        _agree(totals, _totals(url))
    return min(told, key=lambda each: each.seconds), min(theirs)


def _totals(url: str) -> list[tuple[int, int]]:
    with engine_for(url).begin() as connection:
        return [(lead_id, total) for lead_id, total in connection.exec_driver_sql("SELECT lead_id, total FROM score ORDER BY lead_id")]


def _agree(referee: list[tuple[int, int]], ours: list[tuple[int, int]]) -> None:
    different = [(theirs, told) for theirs, told in zip(referee, ours, strict=True) if theirs != told]
    if different:
        (lead_id, total), (_, told) = different[0]
        raise SystemExit(f"{len(different)} totals differ from those of the SQL, such as that of lead {lead_id}: {total} by SQL, {told} by us")
