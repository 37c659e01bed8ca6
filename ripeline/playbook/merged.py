"""The scorecard as it counts in one market: every value with the file and line it comes from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ripeline.decide.literal import did_you_mean
from ripeline.decide.overlay import ScoringChange, laid_over
from ripeline.decide.points import to_points
from ripeline.decide.problem import Place
from ripeline.playbook.checks import check_market
from ripeline.playbook.finding import Unfit
from ripeline.playbook.playbook import CARD, Playbook
from ripeline.playbook.positions import line_of, positions
from ripeline.values import Refusal

BOUNDED = ("total", "bands", "probability", "group")
HANDOFF = "playbook/handoff.toml"
THRESHOLDS = ("invite_at", "offer_at", "leave_at")


@dataclass(frozen=True)
class Origin:
    """Where something is written, by file and line. Without a path it is written nowhere: it is built in."""

    path: str = ""
    line: int = 0

    def __str__(self) -> str:
        return f"{self.path}:{self.line}" if self.path else "built in"


@dataclass(frozen=True)
class Value:
    """One key as it counts. `everywhere` is what the card says where a market says otherwise; None: the market changes nothing."""

    key: str
    value: Any
    origin: Origin
    everywhere: Any = None


@dataclass(frozen=True)
class Block:
    """One table of the card: `table` as TOML names it (empty: the top), a rule's `name`, and where a market switched it `off`."""

    table: str
    name: str | None
    values: tuple[Value, ...]
    off: Origin | None = None


def merged(playbook: Playbook, market: str | None) -> list[Block]:
    """Return the card as it counts in a market (None: everywhere), table by table, examples aside.

    Refusal where there is no such market, Unfit where its file has mistakes.
    """
    if market is not None and market not in playbook.markets:
        there_are = f"there are: {', '.join(playbook.markets)}" if playbook.markets else "write playbook/markets/<name>.toml"
        raise Refusal(f"no market '{market}'. {did_you_mean(market, playbook.markets, there_are)}")
    mistakes = [each for each in check_market(playbook, market) if not each.is_warning] if market is not None else []
    if mistakes:
        raise Unfit(mistakes)
    merging = _Merging(playbook, market)
    return [*merging.tables(), *merging.thresholds(), *merging.listed()]


class _Merging:
    """The card, the overlay, what came out of both, and where each is written."""

    def __init__(self, playbook: Playbook, market: str | None) -> None:
        self.card, self.handoff = playbook.scorecard, playbook.handoff
        self.market = playbook.markets[market] if market else None
        self.change = self.market.scoring if self.market else ScoringChange()
        self.there = laid_over(self.card, self.change)
        self.path = f"playbook/markets/{market}.toml"
        self.lines = {path: positions(playbook.files[path]) for path in (CARD, HANDOFF, self.path) if path in playbook.files}

    def tables(self) -> Iterator[Block]:
        """Yield the tables that hold bounds, bands and the like: of nested ones, each leaf is a value of its own."""
        here, everywhere, changed = self.there.model_dump(mode="json", by_alias=True), _dumped(self.card), _dumped(self.change)
        yield Block("", None, (Value("title", self.card.title, self._at(CARD, ("title",))),))
        for table in BOUNDED:
            values = [self._leaf(table, keys, value, everywhere, changed) for keys, value in _leaves(here[table] or {}) if value is not None]
            if values:
                yield Block(table, None, tuple(values))

    def _leaf(self, table: str, keys: Place, value: Any, everywhere: Any, changed: Any) -> Value:
        place, key = (table, *keys), ".".join(map(str, keys))
        if _found(changed, place) is not None:
            return Value(key, value, self._at(self.path, ("scoring", *place)), _found(everywhere, place))
        return Value(key, value, self._at(CARD, place) if _found(everywhere, place) is not None else Origin())

    def thresholds(self) -> Iterator[Block]:
        """Yield from which total sales hears of a lead: it is written beside the card, and differs by market like the card."""
        there = self.market.handoff if self.market else None
        values = []
        for key in THRESHOLDS:
            own, everywhere = getattr(there, key, None), getattr(self.handoff, key)
            usual = None if everywhere is None else to_points(everywhere)
            if own is not None:
                values.append(Value(key, own, self._at(self.path, ("handoff", key)), usual))
            elif usual is not None:
                values.append(Value(key, usual, self._at(HANDOFF, (key,))))
        yield Block("handoff", None, tuple(values))

    def listed(self) -> Iterator[Block]:
        """Yield rules and exclusions: the card's own, then those of the market."""
        rules = [(section, position, rule) for section, position, rule in self.there.placed()]
        for section, position, entry in [*rules, *(("exclude", position, each) for position, each in enumerate(self.there.exclude))]:
            own = len(getattr(self.card, section))
            changes: Mapping[str, Any] = self.change.change.get(entry.name, {}) if section != "exclude" else {}
            place = (CARD, (section, position)) if position < own else (self.path, ("scoring", section, position - own))
            before = _dumped(getattr(self.card, section)[position]) if position < own else {}
            values = [self._key(entry.name, key, value, place, changes, before) for key, value in self._in_order(_dumped(entry), place).items()]
            off = self._at(self.path, ("scoring", "switch_off")) if entry.name in self.change.switch_off else None
            yield Block(section, entry.name, tuple(values), off)

    def _in_order(self, keys: Mapping[str, Any], place: tuple[str, Place]) -> dict[str, Any]:
        """Return the keys of a rule as they are written, one below the other; those that only a market writes come last."""
        path, at = place
        own = self.lines[path]
        return dict(sorted(keys.items(), key=lambda each: own.get((*at, each[0]), 10**9)))

    def _key(self, name: str, key: str, value: Any, place: tuple[str, Place], changes: Mapping[str, Any], before: Mapping[str, Any]) -> Value:
        if key in changes:
            return Value(key, value, self._at(self.path, ("scoring", "change", name, key)), before.get(key))
        path, at = place
        return Value(key, value, self._at(path, (*at, key)))

    def _at(self, path: str, place: Place) -> Origin:
        line = line_of(self.lines[path], place)
        return Origin(path, line) if line else Origin()


def _dumped(entry: Any) -> dict[str, Any]:
    """Return what is written of an entry, as TOML would say it."""
    found: dict[str, Any] = entry.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return found


def _leaves(table: Mapping[str, Any], above: Place = ()) -> Iterator[tuple[Place, Any]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, (*above, key))
        else:
            yield (*above, key), value


def _found(table: Any, place: Place) -> Any:
    for part in place:
        table = table.get(part) if isinstance(table, Mapping) else None
    return table
