"""The playbook that is live: stored whole and immutable, the newest application counts, read once a run."""

import logging
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime

from sqlmodel import Session, col, func, select

from models import PlaybookApplication, PlaybookVersion
from ripeline.playbook.coverage import covered
from ripeline.playbook.files import content_hash
from ripeline.playbook.lineage import lineage_with
from ripeline.playbook.playbook import Playbook, parse_playbook, sound_playbook
from ripeline.playbook.usable import refuse_unreadable
from ripeline.values import Refusal

log = logging.getLogger(__name__)


def apply_files(session: Session, files: Mapping[str, str], *, now: datetime, by: str) -> Playbook:
    """Check `files`, store them as a version and make it the live one; commits. A mistake raises Unfit and changes nothing.

    Applying what is live already changes nothing. Letters are not rendered here: `ripeline check` and `apply` do that before.
    """
    playbook = sound_playbook(files, letters=False)
    lineage_with(session, playbook)  # refuses a name that once was another touch's
    store_version(session, playbook, now=now, by=by)
    _make_live(session, playbook.hash, now, by)
    return playbook


def store_version(session: Session, playbook: Playbook, *, now: datetime, by: str) -> None:
    """Store a sound playbook as a version, where it is not stored yet; commits nothing, and makes nothing live."""
    if session.get(PlaybookVersion, playbook.hash) is None:
        session.add(PlaybookVersion(hash=playbook.hash, files=dict(playbook.files), created_at=now, created_by=by))
        session.flush()


def go_back(session: Session, hash_start: str, *, now: datetime, by: str) -> Playbook:
    """Make a stored version, named by its hash or the start of it, the live one; commits."""
    playbook = version_named(session, hash_start)
    _make_live(session, playbook.hash, now, by)
    return playbook


def version_named(session: Session, hash_start: str) -> Playbook:
    """Return the stored version whose hash starts so; raise Refusal where there is none, or more than one."""
    found = session.exec(select(PlaybookVersion.hash).where(col(PlaybookVersion.hash).startswith(hash_start, autoescape=True))).all()
    if len(found) != 1:
        raise Refusal(f"{'no' if not found else len(found)} stored playbook versions start with '{hash_start}': see `ripeline apply --list`")
    return playbook_version(session, found[0])


def live_hash(session: Session) -> str | None:
    """Return the hash of the live version; None where nothing was ever applied."""
    return session.exec(select(PlaybookApplication.hash).order_by(col(PlaybookApplication.id).desc()).limit(1)).first()


def applied_playbook(session: Session) -> Playbook:
    """Return the live playbook; where none was applied yet, raise Refusal.

    A version that this program cannot use, say after an upgrade that became stricter, stops nothing: the last good one before it stays in use,
    and a warning is logged. Where there is no good one, the newest one's Refusal is raised.
    """
    refused: Refusal | None = None
    for version in _newest_first(session):
        try:
            playbook = playbook_in_use(session, version)
            refuse_unreadable(playbook)
        except Refusal as refusal:
            refused = refused or refusal
            continue
        if refused:
            log.warning("%s", instead_told(live_hash(session) or "", playbook.hash))
        return playbook
    raise refused or Refusal("no playbook is applied yet: run `ripeline apply`")


def applied_before(session: Session) -> Playbook:
    """Return the playbook that was live before the live one, as it plans; the live one itself where it is the first, or the other cannot be used."""
    for version in _newest_first(session)[1:2]:
        with suppress(Refusal):
            return playbook_in_use(session, version)
    return applied_playbook(session)


def instead_told(live: str, used: str) -> str:
    """Return the sentence that says which version is in use where the live one cannot be."""
    return f"playbook version {live[:12]} cannot be used by this program: the last good one, {used[:12]}, stays in use. `ripeline check`, then `ripeline apply`"


def _newest_first(session: Session) -> list[str]:
    """Return each version that was ever applied, the one applied last first."""
    newest = func.max(col(PlaybookApplication.id))
    return list(session.exec(select(PlaybookApplication.hash).group_by(col(PlaybookApplication.hash)).order_by(newest.desc())))


def playbook_in_use(session: Session, version: str) -> Playbook:
    """Return a stored version as it scores now: without the rules that too few leads have anything for."""
    return covered(session, playbook_version(session, version))


def playbook_version(session: Session, version: str) -> Playbook:
    """Return a stored version by its whole hash. A version never changes, so a process parses each once."""
    if version not in _parsed:
        stored = session.get(PlaybookVersion, version)
        if stored is None:
            raise Refusal(f"playbook version {version[:12]} is not in this database: see `ripeline apply --list`")
        if content_hash(stored.files) != version:
            raise Refusal(f"playbook version {version[:12]} was changed inside the database: apply the playbook again")
        _parsed[version] = parse_playbook(stored.files)
    return _parsed[version]


_parsed: dict[str, Playbook] = {}


def _make_live(session: Session, version: str, now: datetime, by: str) -> None:
    if live_hash(session) != version:
        session.add(PlaybookApplication(hash=version, applied_at=now, applied_by=by))
    session.commit()
