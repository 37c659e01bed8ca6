"""A name of a track or touch is never used again: an edit by which one would mean two is refused, whatever version had the other."""

from dataclasses import replace

import pytest
from people import NOW
from sqlmodel import Session
from tracks import with_touches

from models import PlaybookApplication, PlaybookVersion
from ripeline.playbook.lineage import lineage_with
from ripeline.playbook.playbook import Playbook
from ripeline.values import Refusal

TOUCH = '[[touch]]\nname = "{}"\nwait = "1 day"\n'


def applied(session: Session, version: str, text: str, track: str = "proof") -> None:
    """Store a version with one track, as if it had been live."""
    session.add(PlaybookVersion(hash=version, files={f"playbook/tracks/{track}.toml": text}, created_at=NOW, created_by="a test"))
    session.flush()
    session.add(PlaybookApplication(hash=version, applied_at=NOW, applied_by="a test"))
    session.commit()


def test_names_of_every_version_that_was_live_are_known(session: Session) -> None:
    applied(session, "one", TOUCH.format("first"))
    applied(session, "two", TOUCH.format("second") + 'was = "first"\n')
    third = with_touches({"name": "third", "was": "second", "wait": "1 day"})

    assert lineage_with(session, third).renamed("proof", third.tracks["proof"]) == {"first": "third", "second": "third"}


def test_a_name_that_was_renamed_away_is_not_used_again(session: Session) -> None:
    applied(session, "one", TOUCH.format("first"))
    applied(session, "two", TOUCH.format("second") + 'was = "first"\n')

    with pytest.raises(Refusal, match=r"playbook/tracks/proof.toml: 'second' and 'first' are two touches .* give the newer touch a name that none ever had"):
        lineage_with(session, with_touches({"name": "second", "wait": "1 day"}, {"name": "first", "wait": "1 day"}))


def called(name: str, was: str | tuple[str, ...] = ()) -> Playbook:
    """Return a playbook whose one track has this name, and had others."""
    made = with_touches({"name": "hello", "wait": "1 day"}, was=was)
    return replace(made, tracks={name: made.tracks["proof"]})


def test_a_track_is_known_by_the_names_of_every_version_that_was_live(session: Session) -> None:
    applied(session, "renamed one", 'was = ["oldest", "older"]\n' + TOUCH.format("hello"), track="old")
    new = called("new", was="old")

    assert lineage_with(session, new).names_in(new.tracks).tracks == {"oldest": "new", "older": "new", "old": "new"}


def test_a_touch_may_have_had_several_names(session: Session) -> None:
    applied(session, "several names", TOUCH.format("third") + 'was = ["first", "second"]\n')
    again = with_touches({"name": "third", "wait": "1 day"})

    assert lineage_with(session, again).renamed("proof", again.tracks["proof"]) == {"first": "third", "second": "third"}


def test_a_tracks_name_that_was_renamed_away_is_not_used_again(session: Session) -> None:
    applied(session, "renamed two", 'was = "old"\n' + TOUCH.format("hello"), track="new")
    both = replace(called("new"), tracks=called("new").tracks | called("old").tracks)

    with pytest.raises(Refusal, match=r"playbook/tracks/old.toml: 'new' and 'old' are two tracks .* give the newer track a name that none ever had"):
        lineage_with(session, both)
