"""What tracks and touches were ever called: renamed, they are the same ones, whatever version somebody comes from or goes to."""

import pytest

from ripeline.decide.lineage import Clash, Names, lineage
from ripeline.decide.track import Track


def a_track(*names: str) -> Track:
    touches = [{"name": name, "wait": "1 day"} for name in names]
    return Track.model_validate({"title": "Proof", "enter": {"when": "TRUE"}, "touch": touches})


def named(*touches: str, track: str = "proof", was: tuple[str, ...] = (), **renamed: str) -> Names:
    """Return the names of one version; keywords give the new name of a touch by its old one."""
    return Names(track, touches, renamed, was)


CHAIN = (named("a", "x"), named("b", "x", a="b"), named("c", "x", b="c"))


@pytest.mark.parametrize(
    ("versions", "to", "expected"),
    [
        pytest.param(CHAIN, a_track("c", "x"), {"a": "c", "b": "c"}, id="whoever stayed two versions behind"),
        pytest.param(CHAIN, a_track("a", "x"), {"b": "a", "c": "a"}, id="going back"),
        pytest.param(CHAIN, a_track("x"), {}, id="taken out"),
        pytest.param(CHAIN[::-1], a_track("c", "x"), {"a": "c", "b": "c"}, id="in whatever order they are told"),
        pytest.param((named("a", track="other", a="b"),), a_track("b"), {}, id="another track's touches are others"),
        pytest.param((), a_track("a"), {}, id="nothing was ever renamed"),
    ],
)
def test_a_touch_is_known_by_every_name_it_had(versions, to, expected):
    assert lineage(versions).renamed("proof", to) == expected


def test_a_name_that_means_two_touches_is_a_clash():
    again = named("a", "b")

    assert lineage([*CHAIN, again]).clashes([[names] for names in (*CHAIN, again)]) == [Clash("proof", "a", "b")]
    assert lineage(CHAIN).clashes([names] for names in CHAIN) == []


RENAMED = (named("a", track="first"), named("b", a="b", track="second", was=("first",)), named("c", b="c", track="third", was=("second",)))


@pytest.mark.parametrize(
    ("tracks", "expected"),
    [
        pytest.param({"third": a_track("c")}, ({"first": "third", "second": "third"}, {"third": {"a": "c", "b": "c"}}), id="two versions behind"),
        pytest.param({"first": a_track("a")}, ({"second": "first", "third": "first"}, {"first": {"b": "a", "c": "a"}}), id="going back"),
        pytest.param({"other": a_track("a")}, ({}, {"other": {}}), id="the track is gone"),
    ],
)
def test_a_track_is_known_by_every_name_it_had_and_so_are_its_touches(
    tracks: dict[str, Track], expected: tuple[dict[str, str], dict[str, dict[str, str]]]
) -> None:
    found = lineage(RENAMED).names_in(tracks)

    assert (found.tracks, found.touches) == expected
    assert found.of("third") == ["third", *(old for old, new in expected[0].items() if new == "third")]


def test_two_tracks_of_one_version_that_would_be_the_same_are_a_clash() -> None:
    again = [named("a", track="first"), named("b", track="second")]

    assert lineage([*RENAMED, *again]).clashes([again]) == [Clash(None, "first", "second")]
    assert set(lineage(RENAMED).same_tracks) == {(one, other) for one in NAMES for other in NAMES if one != other}


NAMES = ("first", "second", "third")
