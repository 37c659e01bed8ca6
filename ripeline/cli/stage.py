"""`ripeline stage`: move a lead along the funnel by hand."""

from typing import Annotated

import typer

from ripeline.cli import screen


def stage(
    lead: Annotated[str, typer.Argument(help="A lead's id or address.")],
    stage: Annotated[str, typer.Argument(help="Where it stands now, such as customer or disqualified.")],
    because: Annotated[str, typer.Option("--because", help="Why, for whoever reads its story.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check the words, change nothing.")] = False,
) -> None:
    """Set the funnel stage of a lead by hand. It is recorded as an event and takes effect with the next `ripeline run`.

    What was planned for it and no longer fits is cancelled then, with this as the reason. Example: ripeline stage 12 customer --because "signed".
    """
    from uuid import uuid4

    from models import Stage
    from ripeline.database import database_now
    from ripeline.decide.staging import STAGE_SET
    from ripeline.sweep.ingest import NewEvent, record_events
    from ripeline.values import Refusal

    known = [each.value for each in Stage]
    if stage not in known:
        raise Refusal(f"no stage '{stage}': there are {', '.join(known)}")
    with screen.session(writes=not dry_run) as session:
        found = screen.find_lead(session, lead)
        assert found.id is not None, "a stored lead has an id"
        now, said = database_now(session), {"form": stage} | ({"reason": because} if because else {})
        if not dry_run:
            record_events(session, [NewEvent(found.id, STAGE_SET, now, "command", f"stage:{uuid4().hex}", said)], now)
            session.commit()
        screen.say(f"lead {found.id}: {found.stage.value} → {stage}, {'if you say so without --dry-run' if dry_run else 'with the next `ripeline run`'}")
