"""A lead's place in a track that was edited: what it had stays had, what was promised still comes, what came in behind it is passed over."""

from collections.abc import Collection, Mapping

from ripeline.decide.track import Track


def had_by(done: Collection[str], new: Track, names: Mapping[str, str] | None = None) -> frozenset[str]:
    """Return the touches that had their turn, by the names of the edited track; `names` by every name they had, None: what it says itself."""
    renamed = new.renamed if names is None else names
    return frozenset(renamed.get(name, name) for name in done)


def passed_over(old: Track, new: Track, done: Collection[str], names: Mapping[str, str] | None = None, over: Collection[str] = ()) -> tuple[str, ...]:
    """Return the touches that were put in behind the place of a lead that had `done` of the old track: it never gets them.

    Its place is the furthest touch it had, in the edited order. Touches that the old track promised still come, wherever they stand now; those it
    was passed `over` by an earlier edit were not promised, and come only where they stand ahead of it by now.
    """
    had = had_by(done, new, names)
    promised = had_by([touch.name for touch in old.touches], new, names) - had_by(over, new, names)
    place = max((number for number, touch in enumerate(new.touches) if touch.name in had), default=-1)
    return tuple(touch.name for touch in new.touches[: place + 1] if touch.name not in had and touch.name not in promised)


def led_past(old: Track, done: Collection[str], targets: Collection[str]) -> tuple[str, ...]:
    """Return the touches that a lead will not get since it went on to `targets`, touches further on; what it had is left out."""
    place = max((position for name in targets if (position := old.position(name)) is not None), default=0)
    return tuple(touch.name for touch in old.touches[:place] if touch.name not in done)


def still_to_come(old: Track, new: Track, done: Collection[str], names: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Return the touches that a lead still gets, in the order of the edited track."""
    over = {*had_by(done, new, names), *passed_over(old, new, done, names)}
    return tuple(touch.name for touch in new.touches if touch.name not in over)
