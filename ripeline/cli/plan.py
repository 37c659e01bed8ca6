"""`ripeline plan`: what an edit of the playbook would do to people in flight."""

from typing import TYPE_CHECKING, Annotated

import typer

from ripeline.cli import screen

if TYPE_CHECKING:
    from ripeline.sweep.plan import Difference


def plan(
    at: Annotated[str | None, typer.Option("--now", help="Judge by this instant (ISO 8601 with zone) instead of the database's clock.")] = None,
    limit: Annotated[int, typer.Option(min=0, help="List at most so many messages; the counts are of all.")] = 50,
    json: Annotated[bool, typer.Option("--json", help="Print JSON for a program.")] = False,
) -> None:
    """Show what the working files would do to people in flight if everybody moved to them: messages that appear, move and vanish, and whose.

    Edits of tracks, stages, limits, markets and calendars count; a track with another name is told as such. The sweeps are asked by the live and
    by the edited playbook; nothing is written.

    A lead stays on the version of the track it entered until `ripeline apply` moves it by this plan.

    `ripeline plan --limit 10` lists the first ten messages that change; `ripeline plan --json` is for programs.
    """
    from ripeline.cli.in_flight import foresee
    from ripeline.database import database_now
    from ripeline.playbook.files import read_folder
    from ripeline.playbook.playbook import sound_playbook

    edited = sound_playbook(read_folder(screen.settings().home), letters=False)
    with screen.session(writes=False) as session:
        found = foresee(session, edited, screen.instant(at) or database_now(session))
    _show(found, limit, json=json)


def _show(found: "Difference | None", limit: int, *, json: bool) -> None:
    from ripeline.cli.in_flight import counted

    counts = found.counts if found else {}
    rows = found.messages.head(limit).drop("enrolment_id", "was_next", "is_next").rows(named=True) if found else []
    leaving = found.leaves.rows(named=True) if found else []
    if json:
        renamed = found.renamed.rows(named=True) if found else []
        screen.show_json({"counts": counts, "renamed": renamed, "messages": rows, "leaves": leaving})
        return
    screen.say(counted(found))
    if rows:
        screen.table(["", "lead", "track", "touch", "was", "would be", "zone"], [list(row.values()) for row in rows])
    for each in leaving[:limit]:
        screen.say(f"lead {each['lead_id']} leaves {each['track']}: {each['because']}")
