"""What a check finds wrong with tracks and stages beyond their shape and their conditions' grammar."""

from collections.abc import Iterator, Mapping

from ripeline.decide.entrance import nobody_enters
from ripeline.decide.literal import BadCondition
from ripeline.decide.problem import Problem
from ripeline.decide.segment import read_track
from ripeline.decide.staging import Read
from ripeline.decide.touch_check import Ground, check_condition, check_touches
from ripeline.decide.track import Track


def check_tracks(tracks: Mapping[str, Track], ground: Ground, read: Read) -> Iterator[tuple[str, Problem]]:
    """Yield a track's name and what is wrong with its file, in order. `read` reads what decides of whole tracks, `ground.read` what decides of touches."""
    for name, track in tracks.items():
        yield from ((name, problem) for problem in (*_track(track, ground, read), *check_touches(track, ground)))
    yield from _renamed(tracks)
    yield from _same_rank(tracks)
    yield from _same_title(tracks)


def touch_names(tracks: Mapping[str, Track]) -> frozenset[str]:
    """Return what touches are called, or were, in any track."""
    return frozenset(name for track in tracks.values() for touch in track.touches for name in (touch.name, *touch.was))


def _track(track: Track, ground: Ground, read: Read) -> Iterator[Problem]:
    asked = (("enter", "when", track.enter.when), ("leave", "when", track.leave.when), ("leave", "goal", track.leave.goal))
    for table, key, text in asked:
        if text is not None:
            yield from check_condition((table, key), table, text, read, ground.touches)
    yield from _entrance(track, read)
    if track.leave.when and track.leave.when == track.enter.when:
        yield Problem(("leave", "when"), "leave is the same as enter: nobody could stay.", "Leaving is another condition than entering.")


def _entrance(track: Track, read: Read) -> Iterator[Problem]:
    try:
        book = read_track(track.model_copy(update={"touches": ()}), read)
    except BadCondition:
        return  # told where it stands
    if book.enter.text != (track.leave.when or "") and nobody_enters(book):
        yield Problem(("enter", "when"), "enter: no lead can enter this track, or it would leave at once.", "Look at enter, leave and goal together.")


def _renamed(tracks: Mapping[str, Track]) -> Iterator[tuple[str, Problem]]:
    """Yield former names that are another track's: a name is never used again, else people in it would be in two tracks, or in none."""
    taken = {name: name for name in tracks}
    for name, track in tracks.items():
        for old in track.was:
            other = taken.setdefault(old, name)
            if old == name:
                yield name, Problem(("was",), f"track '{name}' was always called so.", "Leave out 'was'.")
            elif other == old:
                what = f"was = '{old}': there is a track of this name, playbook/tracks/{old}.toml."
                yield name, Problem(("was",), what, f"Take away that file if it is called '{name}' now; else leave out the name.")
            elif other != name:
                yield name, Problem(("was",), f"was = '{old}': track '{other}' was called so too.", "People who were in it can go on in one track only.")


def _same_rank(tracks: Mapping[str, Track]) -> Iterator[tuple[str, Problem]]:
    """Two tracks that a lead could enter alike are told apart by name only, which nobody means."""
    seen: dict[tuple[str, int], str] = {}
    for name, track in tracks.items():
        other = seen.setdefault((track.group, track.priority), name)
        if other != name:
            what = f"track '{other}' of group '{track.group}' has priority {track.priority} too."
            yield name, Problem(("priority",), what, "Whoever may enter both gets the first by name: give them different priorities.", is_warning=True)


def _same_title(tracks: Mapping[str, Track]) -> Iterator[tuple[str, Problem]]:
    """Yield tracks that people cannot tell apart: reports and cards show titles."""
    seen: dict[str, str] = {}
    for name, track in tracks.items():
        other = seen.setdefault(track.title.casefold().strip(), name)
        if other != name:
            yield name, Problem(("title",), f"track '{other}' is called '{track.title}' too.", "Reports show titles: give them different ones.")
