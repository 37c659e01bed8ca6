"""What touches were ever called: a touch that was renamed is the same one, whatever version somebody comes from or goes to."""

import pytest

from ripeline.decide.lineage import Clash, Names, lineage
from ripeline.decide.track import Track


def a_track(*names: str) -> Track:
    touches = [{"name": name, "wait": "1 day"} for name in names]
    return Track.model_validate({"title": "Proof", "enter": {"when": "TRUE"}, "touch": touches})


def named(*touches: str, track: str = "proof", **renamed: str) -> Names:
    """Return the names of one version; keywords give the new name of a touch by its old one."""
    return Names(track, touches, renamed)


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

    assert lineage([*CHAIN, again]).clashes([*CHAIN, again]) == [Clash("proof", "a", "b")]
    assert lineage(CHAIN).clashes(CHAIN) == []
