"""A touch inserted, reordered, renamed or removed: nobody gets one twice, nobody loses their place."""

from hypothesis import given
from hypothesis import strategies as st

from ripeline.decide.place import had_by, passed_over, still_to_come
from ripeline.decide.track import Track

NAMES = [f"t{number}" for number in range(8)]


def a_track(names, was=None) -> Track:
    touches = [{"name": name, "wait": "1 day"} | ({"was": was[name]} if was and name in was else {}) for name in names]
    return Track.model_validate({"title": "Proof", "enter": {"when": "TRUE"}, "touch": touches})


@st.composite
def edits(draw: st.DrawFn) -> tuple[Track, Track, list[str]]:
    """Return a track, what became of it, and what a lead of it had: a beginning, with holes where touches were skipped by a way on."""
    old = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=6, unique=True))
    had = old[: draw(st.integers(0, len(old)))]
    kept = draw(st.lists(st.sampled_from(old), unique=True))
    fresh = draw(st.lists(st.sampled_from(["n1", "n2", "n3"]), unique=True, max_size=3))
    new = draw(st.permutations(kept + fresh)) or ["n9"]
    renamed = draw(st.sets(st.sampled_from(kept))) if kept else set()
    names = [f"{name}-new" if name in renamed else name for name in new]
    return a_track(old), a_track(names, {f"{name}-new": name for name in renamed}), had


@given(edits())
def test_nobody_gets_a_touch_twice_whatever_became_of_the_track(edit):
    old, new, had = edit

    assert not had_by(had, new) & set(still_to_come(old, new, had))


@given(edits())
def test_what_the_old_track_promised_still_comes_where_it_still_is(edit):
    old, new, had = edit

    promised = had_by([touch.name for touch in old.touches], new) - had_by(had, new)
    assert {touch.name for touch in new.touches} & promised <= set(still_to_come(old, new, had))


@given(edits())
def test_nobody_is_sent_back_to_a_touch_that_came_in_behind_them(edit):
    old, new, had = edit

    place = max((new.position(name) for name in had_by(had, new) if new.position(name) is not None), default=-1)
    fresh = {touch.name for touch in new.touches} - had_by([touch.name for touch in old.touches], new)
    for name in fresh:
        assert (name in still_to_come(old, new, had)) is (new.position(name) > place)
    assert set(passed_over(old, new, had)) <= fresh


@given(edits())
def test_whoever_had_nothing_yet_goes_through_the_whole_new_track(edit):
    old, new, _ = edit

    assert still_to_come(old, new, []) == tuple(touch.name for touch in new.touches)
