"""The funnel stages of two leads as that of one: the further one, so that no customer is courted as a newcomer."""

from datetime import datetime

from sqlmodel import Session

from models import Lead, Role, Score, ScoreChange, Stage

ORDER = list(Stage)


def take_stage(session: Session, kept: Lead, gone: Lead, now: datetime) -> None:
    """Let the kept lead stand where the further one of the two stands, in the caller's transaction, and remember why. `segment` judges it next."""
    if gone.merged_into is not None or ORDER.index(gone.stage) <= ORDER.index(kept.stage):
        return
    assert kept.id is not None, "a stored row"
    kept.stage, kept.stage_at = gone.stage, gone.stage_at
    because = f"lead {gone.id}, which stood there, was merged into it"
    change = ScoreChange(lead_id=kept.id, at=now, stage=kept.stage.value, because=because, total=0, grade="", version="")
    if (score := session.get(Score, (kept.id, Role.LIVE))) is not None:
        change.total, change.grade, change.version, change.reasons = score.total, score.grade, score.version, score.reasons
    session.add(change)
    session.flush()
