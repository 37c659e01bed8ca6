"""The names that touches had in every version of the playbook that was ever live."""

import tomllib
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from models import PlaybookApplication, PlaybookVersion
from ripeline.decide.lineage import Clash, Lineage, Names, lineage
from ripeline.playbook.playbook import Playbook
from ripeline.values import Refusal

FOLDER = "playbook/tracks/"


def lineage_with(session: Session, edited: Playbook) -> Lineage:
    """Return which names of touches are one touch, by all versions that were ever live and the edited one.

    Raise Refusal where a name would mean two touches: somebody would get a letter twice, or never.
    """
    versions = [*_applied_names(session), *(Names.of(name, track) for name, track in edited.tracks.items())]
    found = lineage(versions)
    for clash in found.clashes(versions):
        raise Refusal(_refused(clash))
    return found


def _refused(clash: Clash) -> str:
    return (
        f"{FOLDER}{clash.track}.toml: '{clash.one}' and '{clash.other}' are two touches in one version and the same, renamed, in another: "
        "people would get a letter twice, or never. A name is never used again: give the newer touch a name that none ever had"
    )


def _applied_names(session: Session) -> Iterator[Names]:
    applied = sa.select(col(PlaybookApplication.hash).distinct())
    query: sa.Select[Any] = sa.select(col(PlaybookVersion.files)).where(col(PlaybookVersion.hash).in_(applied)).order_by(col(PlaybookVersion.created_at))
    for (files,) in session.execute(query.execution_options(yield_per=1)):
        for path, text in files.items():
            if path.startswith(FOLDER) and path.endswith(".toml"):
                yield _names(PurePosixPath(path).stem, tomllib.loads(text))


def _names(track: str, told: dict[str, Any]) -> Names:
    touches = told.get("touch", [])
    return Names(track, tuple(touch["name"] for touch in touches), {touch["was"]: touch["name"] for touch in touches if "was" in touch})
