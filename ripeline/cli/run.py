"""`ripeline run`: a sweep here and now, without Prefect."""

from datetime import datetime
from typing import Annotated

import typer

from ripeline.cli import screen


def run(
    sweep: Annotated[str, typer.Argument(help="ingest, rescore, segment, handoff, schedule, deliver, or all in this order.")],
    now: Annotated[str | None, typer.Option(help="Judge by this instant (ISO 8601 with zone) instead of the database's clock.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Do everything but keep nothing and send nothing; tell what would happen.")] = False,
    batch_size: Annotated[int, typer.Option(min=1, max=10_000_000, help="Leads a transaction.")] = 20_000,
    full: Annotated[bool, typer.Option("--full", help="With `rescore`: score everybody again, not only those with news or a review that has come.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before a delivery of more than RIPELINE_CONFIRM_ABOVE messages.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
) -> None:
    """Run one sweep, or all, over everything that is due; safe to run twice, and while another runs.

    `ingest` takes files from var/inbox, `rescore` scores leads with news, `segment` moves stages and tracks, `handoff` passes leads to sales,
    `schedule` plans the next touch, `deliver` sends what is due. Mail goes to the folder var/mail until RIPELINE_CHANNEL says otherwise.
    """
    from ripeline.playbook.finding import did_you_mean
    from ripeline.sweep.run import ORDER
    from ripeline.values import Refusal

    names = list(ORDER) if sweep == "all" else [sweep]
    if unknown := [name for name in names if name not in ORDER]:
        near = did_you_mean(unknown[0], ORDER)
        raise Refusal(f"no sweep '{unknown[0]}'. {near + ' ' if near else ''}There are: {', '.join(ORDER)}, or all of them: all")
    if full and sweep != "rescore":
        raise Refusal(f"--full is for `rescore` alone: `ripeline run {sweep}` works off what is due")
    moment = screen.instant(now)
    done: dict[str, dict[str, int]] = {}
    for name in names:
        counts = _run_one(name, moment, dry_run, batch_size, yes, full)
        done[name] = counts
    if json:
        screen.show_json(done)


def _run_one(name: str, now: datetime | None, dry_run: bool, batch_size: int, yes: bool, full: bool) -> dict[str, int]:
    from ripeline.sweep.run import run_sweep

    url = screen.settings().url
    if name == "deliver" and not dry_run:
        _ask_before_many(url, now, yes)
    with screen.progress(name) as tick:
        tally = run_sweep(url, name, now=now, dry_run=dry_run, batch_size=batch_size, progress=tick, full=full)
    typer.echo(f"{name}{' (dry run)' if dry_run else ''}: {tally}", err=True)
    return dict(tally.counts)


def _ask_before_many(url: str, now: datetime | None, yes: bool) -> None:
    from ripeline.database import database_now
    from ripeline.sweep.deliver import planned_count

    limit = screen.settings().confirm_above
    with screen.session(writes=False) as session:
        count = planned_count(session, now or database_now(session))
    if count > limit:
        screen.confirm(f"{count:,} messages are due, more than {limit:,}. Send them by '{screen.settings().channel}'?", yes=yes)
