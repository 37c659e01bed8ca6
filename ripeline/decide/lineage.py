"""What touches were ever called: renamed once, a touch stays the same one for ever, in whatever version of its track somebody goes on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ripeline.decide.track import Track


@dataclass(frozen=True)
class Names:
    """The touches of one track in one version of the playbook: what they are called, and the new name of each that was renamed, by its old one."""

    track: str
    touches: tuple[str, ...]
    renamed: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, name: str, track: Track) -> "Names":
        """Return the names of a track."""
        return cls(name, tuple(touch.name for touch in track.touches), track.renamed)


@dataclass(frozen=True)
class Clash:
    """A name that meant two touches of a track: `one` and `other` were renamed into each other, and yet a version had both."""

    track: str
    one: str
    other: str


@dataclass(frozen=True)
class Lineage:
    """Which names are one touch. `first` gives for (track, name) the name that stands for all; who is not there was never renamed."""

    first: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def renamed(self, name: str, track: Track) -> dict[str, str]:
        """Return what each touch of a track that has another name in this version of it is called there, by every other name it had."""
        here = {self._first(name, touch.name): touch.name for touch in track.touches}
        others = [old for of, old in self.first if of == name]
        return {old: here[first] for old in others if (first := self._first(name, old)) in here and here[first] != old}

    def clashes(self, versions: Iterable[Names]) -> list[Clash]:
        """Return each pair of touches of one version that would be the same touch, once a pair."""
        found: dict[Clash, None] = {}
        for names in versions:
            seen: dict[str, str] = {}
            for touch in names.touches:
                other = seen.setdefault(self._first(names.track, touch), touch)
                if other != touch:
                    found[Clash(names.track, other, touch)] = None
        return list(found)

    def _first(self, track: str, touch: str) -> str:
        return self.first.get((track, touch), touch)


def lineage(versions: Iterable[Names]) -> Lineage:
    """Return which names are one touch, by all that these versions renamed, in whatever order."""
    first: dict[tuple[str, str], str] = {}
    for names in versions:
        for old, new in names.renamed.items():
            one, other = (first.get((names.track, name), name) for name in (old, new))
            first |= {(names.track, name): one for name in (old, new)}
            first |= {key: one for key, root in first.items() if key[0] == names.track and root == other}
    return Lineage(first)
