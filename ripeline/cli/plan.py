"""`ripeline plan`: what an edit of the playbook would do to people in flight."""

from typing import TYPE_CHECKING, Annotated

import typer

from ripeline.cli import screen

if TYPE_CHECKING:
    from ripeline.sweep.plan import Difference

BATCH = 20_000


def plan(
    at: Annotated[str | None, typer.Option("--now", help="Judge by this instant (ISO 8601 with zone) instead of the database's clock.")] = None,
    limit: Annotated[int, typer.Option(min=0, help="List at most so many messages; the counts are of all.")] = 50,
    json: Annotated[bool, typer.Option("--json", help="Print JSON for a program.")] = False,
) -> None:
    """Show what the working files would do to people in flight if everybody moved to them: messages that appear, move and vanish, and whose.

    Edits of tracks, stages, limits, markets and calendars count. The sweeps are asked by the live and by the edited playbook; nothing is written.
    A lead stays on the version of the track it entered.
    """
    from ripeline.database import database_now
    from ripeline.playbook.applied import applied_playbook
    from ripeline.playbook.files import read_folder
    from ripeline.playbook.playbook import sound_playbook
    from ripeline.sweep.plan import differences, people

    edited = sound_playbook(read_folder(screen.settings().home), letters=False)
    with screen.session(writes=False) as session, screen.progress("planning") as told:
        live, now = applied_playbook(session), screen.instant(at) or database_now(session)
        ranges = people(session, BATCH)
        found = None
        for number, ids in enumerate(ranges):
            part = differences(session, ids, live, edited, now, screen.settings().key)
            found = part if found is None else found + part
            told(number + 1, len(ranges))
        session.rollback()
    _show(found, limit, json=json)


def _show(found: "Difference | None", limit: int, *, json: bool) -> None:
    counts = found.counts if found else {}
    rows = found.messages.head(limit).drop("enrolment_id", "is_next").rows(named=True) if found else []
    leaving = found.leaves.rows(named=True) if found else []
    if json:
        screen.show_json({"counts": counts, "messages": rows, "leaves": leaving})
        return
    told = [f"{count} {'message' if count == 1 else 'messages'} {change}" for change, count in counts.items() if count]
    screen.say(", ".join(told) if told else "nobody in flight would notice")
    if rows:
        screen.table(["", "lead", "track", "touch", "was", "would be", "zone"], [list(row.values()) for row in rows])
    for each in leaving[:limit]:
        screen.say(f"lead {each['lead_id']} leaves {each['track']}: {each['because']}")
