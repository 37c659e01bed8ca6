"""Which rules of a version are left out for now, because too few leads have what they ask for: kept by `rescore`, read by whoever scores."""

from dataclasses import replace
from datetime import datetime

from sqlmodel import Session, col, select

from models import Coverage
from ripeline.playbook.playbook import Playbook


def newest_coverage(session: Session, version: str, at: datetime | None = None) -> Coverage | None:
    """Return what was last measured of a version, up to an instant where one is given; None where nothing ever was thin."""
    query = select(Coverage).where(col(Coverage.version) == version).order_by(col(Coverage.at).desc()).limit(1)
    return session.exec(query if at is None else query.where(col(Coverage.at) <= at)).first()


def covered(session: Session, playbook: Playbook, at: datetime | None = None) -> Playbook:
    """Return the playbook with the rules left out that were so at an instant (None: now); the same object where that changes nothing."""
    if not any(rule.needs_coverage for rule in playbook.scorecard.rules) and not any(market.scoring.has_demands for market in playbook.markets.values()):
        return playbook
    found = newest_coverage(session, playbook.hash, at)
    left_out = frozenset(found.left_out if found else ())
    return playbook if left_out == playbook.left_out else replace(playbook, left_out=left_out)


def every_covering(session: Session, playbook: Playbook) -> list[Playbook]:
    """Return a version in each way it ever scored: whole, and without the rules that were left out at some time."""
    rows = session.exec(select(Coverage.left_out).where(col(Coverage.version) == playbook.hash))
    return [replace(playbook, left_out=left_out) for left_out in sorted({frozenset[str](), *map(frozenset, rows)}, key=sorted)]
