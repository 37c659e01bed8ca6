"""What a check finds wrong with tracks and stages beyond their shape and their conditions' grammar."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet

from ripeline.decide.condition import BadCondition
from ripeline.decide.literal import did_you_mean
from ripeline.decide.problem import Problem
from ripeline.decide.staging import Read
from ripeline.decide.track import Track


def check_tracks(tracks: Mapping[str, Track], templates: AbstractSet[str], read: Read) -> Iterator[tuple[str, Problem]]:
    """Yield a track's name and what is wrong with its file, in order. `templates` are the folders below templates/email/."""
    for name, track in tracks.items():
        yield from ((name, problem) for problem in _track(track, templates, read))
    yield from _same_rank(tracks)


def _track(track: Track, templates: AbstractSet[str], read: Read) -> Iterator[Problem]:
    asked = (("enter", "when", track.enter.when), ("leave", "when", track.leave.when), ("leave", "goal", track.leave.goal))
    for table, key, text in asked:
        if text is not None:
            yield from check_condition((table, key), table, text, read)
    for number, touch in enumerate(track.touches):
        if touch.folder not in templates:
            place = ("touch", number, "template" if touch.template else "name")
            remedy = did_you_mean(touch.folder, templates, f"make templates/email/{touch.folder}/, or name one of the {len(templates)} that are there")
            yield Problem(place, f"touch '{touch.name}': no template '{touch.folder}'.", remedy)
    if track.leave.when and track.leave.when == track.enter.when:
        yield Problem(("leave", "when"), "leave is the same as enter: nobody could stay.", "Leaving is another condition than entering.")


def _same_rank(tracks: Mapping[str, Track]) -> Iterator[tuple[str, Problem]]:
    """Two tracks that a lead could enter alike are told apart by name only, which nobody means."""
    seen: dict[tuple[str, int], str] = {}
    for name, track in tracks.items():
        other = seen.setdefault((track.group, track.priority), name)
        if other != name:
            what = f"track '{other}' of group '{track.group}' has priority {track.priority} too."
            yield name, Problem(("priority",), what, "Whoever may enter both gets the first by name: give them different priorities.", is_warning=True)


def check_condition(place: tuple[str | int, ...], owner: str, text: str, read: Read) -> Iterator[Problem]:
    """Yield why a condition cannot be read, or what it may not mean to say."""
    try:
        condition = read(text)
    except BadCondition as bad:
        yield Problem(place, f"{owner}: {bad.what}.", bad.remedy)
        return
    yield from (Problem(place, f"{owner}: {caution}", is_warning=True) for caution in condition.cautions)
