"""Visits of people's own accord: who comes on a day, when on their own clock, and what they do there, drawn from recorded visits."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import polars as pl

from models import Actor
from ripeline.decide.facts import INSTANT
from ripeline.decide.local_time import offsets
from ripeline.simulate.chance import Chance
from ripeline.simulate.observed import HOLDS, Observed
from ripeline.simulate.rates import FEW_VISITS, Rates
from ripeline.sweep.ingest.storing import EVENT_SCHEMA
from ripeline.values import event_id

SOURCE = "simulation"

_NOON = time(12)
_MORNING = 10 * 3600
ASSUMED_VISIT = pl.DataFrame({"visit": [0], "step": [0], "second": [_MORNING], "kind": ["page_viewed"], "path": ["/"]})
"""What a visit holds where the base has recorded hardly any: one look at the front page."""


@dataclass
class Visitors:
    """Everybody who may visit, and what visits hold. `leads`: `lead_id`, `zone`, `rate` (visits a day); `visits` as in Observed."""

    leads: pl.DataFrame
    visits: pl.DataFrame
    chance: Chance
    _held: dict[int, list[dict[str, Any]]] = field(default_factory=dict)

    @classmethod
    def of(cls, seen: Observed, rates: Rates, chance: Chance) -> "Visitors":
        """Return the visitors that the base suggests."""
        distinct = seen.leads["seen"].unique()
        rate = seen.leads["seen"].replace_strict(
            distinct, pl.Series([rates.visits_a_day(days) for days in distinct], dtype=pl.Float64), return_dtype=pl.Float64
        )
        few = seen.counts.visits < FEW_VISITS
        visits = ASSUMED_VISIT.with_columns(pl.lit(None, dtype).alias(name) for name, dtype in HOLDS.items() if name not in ASSUMED_VISIT.columns)
        return cls(seen.leads.select("lead_id", "zone", rate=rate), visits if few else seen.visits, chance)

    @property
    def kinds(self) -> int:
        """Return how many different visits there are to draw from."""
        return int(self.visits["visit"].max()) + 1  # type: ignore[arg-type]

    def on(self, day: date) -> pl.DataFrame:
        """Return the events of all who visit on this date of their own clock, as EVENT_SCHEMA, in order of time."""
        comes = self.chance.over("lead_id", "comes", day) < 1 - (-pl.col("rate")).exp()
        which = (self.chance.over("lead_id", "visit", day) * self.kinds).cast(pl.Int64)
        visitors = self.leads.filter(comes).with_columns(visit=which)
        noon = datetime.combine(day, _NOON, UTC)
        zones = offsets(sorted(set(visitors["zone"])), noon, noon).select("zone", "offset")
        midnight = pl.lit(datetime.combine(day, time(), UTC), INSTANT)
        happened = visitors.join(zones, on="zone").join(self.visits, on="visit").with_columns(at=midnight - pl.col("offset") + pl.duration(seconds="second"))
        ordered = happened.sort("lead_id", "step").with_columns(number=pl.int_range(pl.len()).over("lead_id"))
        return _as_events(ordered.with_columns(source_id=pl.format(f"visit:{{}}:{day}:{{}}", "lead_id", "number"))).sort("at", "lead_id", "id")

    def holds(self, draw: float) -> Iterator[tuple[timedelta, str, dict[str, Any]]]:
        """Yield what one visit holds: how long after its beginning, the kind of event, its properties. `draw` from 0 to 1 chooses it."""
        number = int(draw * self.kinds)
        if number not in self._held:
            self._held[number] = self.visits.filter(visit=number).sort("step").to_dicts()
        begins = self._held[number][0]["second"]
        for row in self._held[number]:
            yield timedelta(seconds=row["second"] - begins), row["kind"], {name: row[name] for name in list(HOLDS)[1:] if row[name] is not None}


def _as_events(rows: pl.DataFrame) -> pl.DataFrame:
    ids = pl.Series([event_id(SOURCE, each) for each in rows["source_id"]], dtype=pl.Int64)
    constants = {"actor": Actor.HUMAN.value, "source": SOURCE, "touch": None, "more": None, "message_id": None}
    return rows.with_columns(id=ids, **{name: pl.lit(value, pl.String) for name, value in constants.items()}).select(EVENT_SCHEMA.keys()).cast(EVENT_SCHEMA)  # type: ignore[arg-type]
