"""The names that tracks and touches had in every version of the playbook that was ever live."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from models import PlaybookApplication, PlaybookVersion
from ripeline.decide.lineage import Clash, Lineage, Names, lineage
from ripeline.decide.track import Track
from ripeline.playbook.playbook import Playbook
from ripeline.values import Refusal

FOLDER = "playbook/tracks/"

Version = tuple[Names, ...]
"""What the tracks of one version of the playbook are called."""


def lineage_with(session: Session, edited: Playbook) -> Lineage:
    """Return which names are one track, and one touch, by all versions that were ever live and the edited one.

    Raise Refusal where a name would mean two: somebody would get a letter twice, or never.
    """
    versions = _versions(session, edited.tracks)
    found = _lineage(versions)
    for clash in found.clashes(versions):
        raise Refusal(_refused(clash))
    return found


def lineage_of(session: Session, playbook: Playbook) -> Lineage:
    """Return the same, of a playbook that was applied, or is only tried: nothing is refused."""
    return _lineage(_versions(session, playbook.tracks))


def lineage_applied(session: Session) -> Lineage:
    """Return the same, by all versions that were ever live."""
    return _lineage(_versions(session, {}))


def names_before(session: Session) -> frozenset[str]:
    """Return what tracks were called in any version that was ever live."""
    return frozenset(names.track for version in _versions(session, {}) for names in version)


def _lineage(versions: list[Version]) -> Lineage:
    return lineage(names for version in versions for names in version)


def _refused(clash: Clash) -> str:
    if clash.track is None:
        return (
            f"{FOLDER}{clash.other}.toml: '{clash.one}' and '{clash.other}' are two tracks in one version and the same, renamed, in another: "
            "people would go through it twice, or never. A name is never used again: give the newer track a name that none ever had"
        )
    return (
        f"{FOLDER}{clash.track}.toml: '{clash.one}' and '{clash.other}' are two touches in one version and the same, renamed, in another: "
        "people would get a letter twice, or never. A name is never used again: give the newer touch a name that none ever had"
    )


def _versions(session: Session, tracks: Mapping[str, Track]) -> list[Version]:
    """Return the names of every version that was ever live, the oldest first, then those of `tracks`."""
    query: sa.Select[Any] = sa.select(col(PlaybookVersion.hash)).where(col(PlaybookVersion.hash).in_(sa.select(col(PlaybookApplication.hash))))
    applied = list(session.execute(query.order_by(col(PlaybookVersion.created_at), col(PlaybookVersion.hash))).scalars())
    for version in applied:
        if version not in _read:
            _read[version] = tuple(_names_in(session.execute(sa.select(col(PlaybookVersion.files)).where(col(PlaybookVersion.hash) == version)).scalar_one()))
    return [*(_read[version] for version in applied), tuple(Names.of(name, track) for name, track in tracks.items())]


_read: dict[str, Version] = {}
"""A version never changes, so a process reads each once."""


def _names_in(files: Mapping[str, str]) -> Iterator[Names]:
    for path, text in files.items():
        if path.startswith(FOLDER) and path.endswith(".toml"):
            yield _names(PurePosixPath(path).stem, tomllib.loads(text))


def _names(track: str, told: dict[str, Any]) -> Names:
    touches = told.get("touch", [])
    renamed = {old: touch["name"] for touch in touches for old in _listed(touch.get("was", []))}
    return Names(track, tuple(touch["name"] for touch in touches), renamed, _listed(told.get("was", [])))


def _listed(said: str | list[str]) -> tuple[str, ...]:
    return (said,) if isinstance(said, str) else tuple(said)
