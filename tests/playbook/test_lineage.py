"""A name of a touch is never used again: an edit by which one name would mean two touches is refused, whatever version had the other."""

import pytest
from people import NOW
from sqlmodel import Session
from tracks import with_touches

from models import PlaybookApplication, PlaybookVersion
from ripeline.playbook.lineage import lineage_with
from ripeline.values import Refusal

TOUCH = '[[touch]]\nname = "{}"\nwait = "1 day"\n'


def applied(session: Session, version: str, text: str) -> None:
    """Store a version with one track, as if it had been live."""
    session.add(PlaybookVersion(hash=version, files={"playbook/tracks/proof.toml": text}, created_at=NOW, created_by="a test"))
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
