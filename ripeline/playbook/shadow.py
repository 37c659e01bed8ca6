"""The card in shadow: a stored version whose scores are kept beside the live ones, and on which nobody acts."""

from datetime import datetime

from sqlmodel import Session, col, select

from models import ShadowApplication
from ripeline.playbook.applied import playbook_in_use
from ripeline.playbook.playbook import Playbook


def shadow_hash(session: Session) -> str | None:
    """Return the hash of the version in shadow; None where none is."""
    newest = select(ShadowApplication.hash).order_by(col(ShadowApplication.id).desc()).limit(1)
    return session.exec(newest).first()


def shadow_playbook(session: Session) -> Playbook | None:
    """Return the playbook in shadow; None where none is."""
    version = shadow_hash(session)
    return None if version is None else playbook_in_use(session, version)


def put_in_shadow(session: Session, version: str | None, *, now: datetime, by: str) -> None:
    """Put a stored version in shadow, None: nothing any more; commits. The next rescore makes its scores, or takes them away."""
    if shadow_hash(session) != version:
        session.add(ShadowApplication(hash=version, applied_at=now, applied_by=by))
    session.commit()
