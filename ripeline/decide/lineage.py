"""What tracks and their touches were ever called: renamed once, they stay the same ones for ever, in whatever version somebody goes on."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import polars as pl

from ripeline.decide.track import Track

Name = TypeVar("Name")


@dataclass(frozen=True)
class Names:
    """One track in one version of the playbook: what its touches are called, the new name of each that was renamed by its old one, and what it was itself."""

    track: str
    touches: tuple[str, ...]
    renamed: Mapping[str, str] = field(default_factory=dict)
    was: tuple[str, ...] = ()

    @classmethod
    def of(cls, name: str, track: Track) -> "Names":
        """Return the names of a track."""
        return cls(name, tuple(touch.name for touch in track.touches), track.renamed, track.was)


@dataclass(frozen=True)
class Clash:
    """A name that meant two touches of a track, or two tracks (`track` None): `one` and `other` were renamed into each other, yet a version had both."""

    track: str | None
    one: str
    other: str


@dataclass(frozen=True)
class NewNames:
    """What is called how in one version, by every other name it had. touches: by the name that their track has there."""

    tracks: Mapping[str, str]
    touches: Mapping[str, Mapping[str, str]]

    def track(self, name: str) -> str:
        """Return what a track is called there; its own name where it has no other."""
        return self.tracks.get(name, name)

    def touch(self, track: str, name: str) -> str:
        """Return what a touch of a track, by whatever name, is called there; its own name where it has no other."""
        return self.touches.get(self.track(track), {}).get(name, name)

    def of(self, track: str) -> list[str]:
        """Return every name of a track, the one it has there first."""
        return [track, *(old for old, new in self.tracks.items() if new == track)]


@dataclass(frozen=True)
class Lineage:
    """Which names are one touch, and which one track.

    `first` gives for (the name that stands for the track, touch) the name that stands for all, `tracks` the same for tracks; who is not there was
    never renamed.
    """

    first: Mapping[tuple[str, str], str] = field(default_factory=dict)
    tracks: Mapping[str, str] = field(default_factory=dict)

    def track(self, name: str) -> str:
        """Return the name that stands for a track."""
        return self.tracks.get(name, name)

    def track_names(self, name: str) -> frozenset[str]:
        """Return every name that a track had."""
        return frozenset({name, *(other for other, first in self.tracks.items() if first == self.track(name))})

    def touch_names(self, track: str, touch: str) -> frozenset[str]:
        """Return every name that a touch of a track had."""
        of = self.track(track)
        first = self._first(of, touch)
        return frozenset({touch, *(name for (its, name), other in self.first.items() if its == of and other == first)})

    def renamed(self, name: str, track: Track) -> dict[str, str]:
        """Return what each touch of a track that has another name in this version of it is called there, by every other name it had."""
        of = self.track(name)
        here = {self._first(of, touch.name): touch.name for touch in track.touches}
        others = [old for its, old in self.first if its == of]
        return {old: here[first] for old in others if (first := self._first(of, old)) in here and here[first] != old}

    def names_in(self, tracks: Mapping[str, Track]) -> NewNames:
        """Return what tracks and touches are called in these."""
        here = {self.track(name): name for name in tracks}
        renamed = {old: here[first] for old, first in self.tracks.items() if first in here and here[first] != old}
        return NewNames(renamed, {name: self.renamed(name, track) for name, track in tracks.items()})

    @property
    def same_tracks(self) -> tuple[tuple[str, str], ...]:
        """Return every pair of two names of one track, in both orders."""
        return tuple((one, other) for one, first in self.tracks.items() for other, its in self.tracks.items() if one != other and its == first)

    def clashes(self, versions: Iterable[Iterable[Names]]) -> list[Clash]:
        """Return each pair of tracks, and of touches of a track, that one version has both and that would be the same, once a pair."""
        return list(dict.fromkeys(clash for names in versions for clash in self._clashes(tuple(names))))

    def _clashes(self, version: tuple[Names, ...]) -> Iterator[Clash]:
        yield from _twice(None, [(self.track(names.track), names.track) for names in version])
        for names in version:
            yield from _twice(names.track, [(self._first(self.track(names.track), touch), touch) for touch in names.touches])

    def _first(self, track: str, touch: str) -> str:
        return self.first.get((track, touch), touch)


def lineage(versions: Iterable[Names]) -> Lineage:
    """Return which names are one track, and one touch, by all that these versions renamed, in whatever order."""
    every = list(versions)
    tracks = _joined((old, names.track) for names in every for old in names.was)
    touches = _joined(
        ((of, old), (of, new)) for names in every if names.renamed for of in [tracks.get(names.track, names.track)] for old, new in names.renamed.items()
    )
    return Lineage({key: first for key, (_, first) in touches.items()}, tracks)


def in_new_tracks(frame: pl.DataFrame, names: NewNames) -> pl.DataFrame:
    """Return a frame with `track`, by the name it has in that version."""
    return frame.with_columns(pl.col("track").replace(names.tracks))


def in_new_names(frame: pl.DataFrame, names: NewNames) -> pl.DataFrame:
    """Return a frame with `track` and `touch`, each by the name it has in that version."""
    rows = [(track, old, new) for track, renamed in names.touches.items() for old, new in renamed.items()]
    table = pl.DataFrame(rows, schema={"track": pl.String(), "touch": pl.String(), "new": pl.String()}, orient="row")
    joined = in_new_tracks(frame, names).join(table, on=["track", "touch"], how="left", maintain_order="left")
    return joined.with_columns(touch=pl.coalesce("new", "touch")).select(frame.columns)


def _joined(pairs: Iterable[tuple[Name, Name]]) -> dict[Name, Name]:
    """Return the one that stands for all that are the same, by each of them."""
    first: dict[Name, Name] = {}
    for old, new in pairs:
        one, other = (first.get(name, name) for name in (old, new))
        first |= {old: one, new: one}
        first |= {name: one for name, root in first.items() if root == other}
    return first


def _twice(track: str | None, named: Iterable[tuple[str, str]]) -> Iterator[Clash]:
    seen: dict[str, str] = {}
    for first, name in named:
        other = seen.setdefault(first, name)
        if other != name:
            yield Clash(track, other, name)
