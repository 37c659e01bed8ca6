"""`ripeline scorecard shadow`: a candidate scores beside the live card, and nobody acts on it."""

from typing import Annotated

import typer

from ripeline.cli import screen

OFF = "off"


def shadow(
    which: Annotated[str | None, typer.Argument(help="A version's hash or its start, a folder that holds playbook/, a scorecard file, or 'off'.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check it, change nothing.")] = False,
) -> None:
    """Put a card in shadow: from the next `ripeline run rescore` on it scores every lead beside the live card; nobody acts on its scores.

    Without an argument it says what is in shadow. Both scores are kept: `ripeline leads --shadow` lists them side by side, and
    `ripeline scorecard diff live shadow` tells who would stand elsewhere. Example: `ripeline scorecard shadow trial-card.toml`.
    """
    from ripeline.playbook.shadow import shadow_hash

    if which is None:
        with screen.session(writes=False) as session:
            version = shadow_hash(session)
        screen.say("no card is in shadow" if version is None else f"version {version[:12]} is in shadow")
        return
    screen.say(put(which, dry_run))


def put(which: str, dry_run: bool = False) -> str:
    """Put a card in shadow, or take it out with OFF, and return the sentence that says so."""
    from ripeline.cli.apply import who_applies
    from ripeline.database import database_now
    from ripeline.playbook.applied import store_version
    from ripeline.playbook.candidate import playbook_named
    from ripeline.playbook.shadow import put_in_shadow

    with screen.session(writes=False) as session:  # checking takes a while, and no transaction should wait for it
        playbook = None if which == OFF else playbook_named(session, which, screen.settings().home)
    if not dry_run:
        with screen.session() as session:
            now, by = database_now(session), who_applies()
            if playbook is not None:
                store_version(session, playbook, now=now, by=by)
            put_in_shadow(session, playbook.hash if playbook else None, now=now, by=by)
    would = "would be" if dry_run else "is"
    return f"nothing {would} in shadow any more" if playbook is None else f"version {playbook.hash[:12]} {would} in shadow from the next rescore on"
