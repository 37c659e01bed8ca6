"""`ripeline merge`: two stored leads that are one person."""

from typing import Annotated

import typer

from ripeline.cli import screen


def merge(
    keep: Annotated[str, typer.Argument(help="The lead that stays: id or address.")],
    other: Annotated[str, typer.Argument(help="The lead that goes into it: id or address.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would move, change nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON for a program.")] = False,
) -> None:
    """Make one of two stored leads that are one person: everything known of OTHER becomes known of KEEP. There is no way back.

    Events, consents, enrolments, messages and hand-offs move; of attributes the newer word counts. What either objected to, or unsubscribed from, holds
    for both addresses; no touch that went to one of them goes to the other, and of two tracks of one group KEEP's goes on. OTHER's address and id mean
    KEEP from then on, in every import and every old link. The next `ripeline run` scores KEEP anew. Example: ripeline merge 12 ada@old.example
    """
    from ripeline.database import database_now
    from ripeline.sweep.merge import merge_leads

    with screen.session(writes=False) as session:
        kept, gone = screen.find_lead(session, keep, follow=False), screen.find_lead(session, other, follow=False)
        ids, names = (kept.id or 0, gone.id or 0), (f"lead {kept.id} ({kept.address})", f"lead {gone.id} ({gone.address})")
    with screen.session() as session:
        tally = merge_leads(session, *ids, now=database_now(session), settings=screen.settings(), dry_run=True)
    told = ", ".join(f"{count} {word.replace('_', ' ')}" for word, count in tally.counts.items() if count) or "nothing"
    if not dry_run:
        screen.confirm(f"{names[1]} goes into {names[0]}, with {told}. There is no way back. Go on?", yes=yes)
        with screen.session() as session:
            tally = merge_leads(session, *ids, now=database_now(session), settings=screen.settings())
    if json:
        screen.show_json({"kept": ids[0], "merged": ids[1], "is_dry_run": dry_run, **tally.counts})
    else:
        screen.say(f"{names[1]} {'would go' if dry_run else 'went'} into {names[0]}: {told}")
