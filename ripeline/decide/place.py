"""A lead's place in a track that was edited: what it had stays had, what was promised still comes, what came in behind it is passed over."""

from collections.abc import Collection

from ripeline.decide.track import Track


def had_by(done: Collection[str], new: Track) -> frozenset[str]:
    """Return the touches that had their turn, by the names of the edited track."""
    renamed = new.renamed
    return frozenset(renamed.get(name, name) for name in done)


def passed_over(old: Track, new: Track, done: Collection[str]) -> tuple[str, ...]:
    """Return the touches that were put in behind the place of a lead that had `done` of the old track: it never gets them.

    Its place is the furthest touch it had, in the edited order. Touches that the old track promised still come, wherever they stand now.
    """
    had, promised = had_by(done, new), had_by([touch.name for touch in old.touches], new)
    place = max((number for number, touch in enumerate(new.touches) if touch.name in had), default=-1)
    return tuple(touch.name for touch in new.touches[: place + 1] if touch.name not in had and touch.name not in promised)


def still_to_come(old: Track, new: Track, done: Collection[str]) -> tuple[str, ...]:
    """Return the touches that a lead still gets, in the order of the edited track."""
    over = {*had_by(done, new), *passed_over(old, new, done)}
    return tuple(touch.name for touch in new.touches if touch.name not in over)
