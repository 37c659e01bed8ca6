"""The shipped playbook: its files, read once, and what they say, parsed once a process."""

from functools import cache

from people import NOW
from sqlmodel import Session

from models import PlaybookApplication, PlaybookVersion
from ripeline.playbook.files import read_folder
from ripeline.playbook.playbook import Playbook, parse_playbook
from ripeline.settings import CLONE

FILES = read_folder(CLONE)
"""All of them, by path."""

LANGUAGES = ("en", "ar", "de", "ja", "pl")
"""Languages that differ in all that a template can ask: direction, script, plural forms, greeting."""

FEW = {path: text for path, text in FILES.items() if not path.startswith("locales/") or path.split("/")[1] in LANGUAGES}
"""Those with the catalogues of these languages alone: to read all twenty takes seconds."""

IN_ENGLISH = {path: text for path, text in FILES.items() if not path.startswith("locales/")}
"""Those without any catalogue: for tests in which nobody reads another language."""


@cache
def shipped() -> Playbook:
    """Return the shipped playbook, in a few languages."""
    return parse_playbook(FEW)


@cache
def in_english() -> Playbook:
    """Return the shipped playbook in English alone."""
    return parse_playbook(IN_ENGLISH)


def make_live(session: Session, playbook: Playbook) -> Playbook:
    """Store a playbook as `apply` would, without checking it again; commit, and return it."""
    session.add(PlaybookVersion(hash=playbook.hash, files=dict(playbook.files), created_at=NOW, created_by="a test"))
    session.flush()
    session.add(PlaybookApplication(hash=playbook.hash, applied_at=NOW, applied_by="a test"))
    session.commit()
    return playbook
