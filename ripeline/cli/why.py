"""`ripeline why`: why a lead gets its next mail when it does, or why not."""

from typing import TYPE_CHECKING, Annotated

import typer

from ripeline.cli import screen

if TYPE_CHECKING:
    from ripeline.sweep.why import Slot, Why


def why(
    lead: Annotated[str, typer.Argument(help="A lead's id or address.")],
    touch: Annotated[str | None, typer.Option("--touch", help="Ask about this touch; without it, about the next one.")] = None,
    at: Annotated[str | None, typer.Option("--now", help="Judge by this instant (ISO 8601 with zone) instead of the database's clock.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON for a program.")] = False,
) -> None:
    """Say which rule chose the instant of a lead's next mail, or the first reason that stops it and the earliest instant it could go.

    Asked are the sweeps themselves: what would they do with this lead now? Nothing is changed. Example: ripeline why 12 --touch case-study
    """
    from dataclasses import asdict

    from ripeline.database import database_now
    from ripeline.playbook.applied import applied_playbook
    from ripeline.sweep.why import why as asked

    with screen.session(writes=False) as session:
        found = screen.find_lead(session, lead)
        assert found.id is not None, "a stored lead has an id"
        heading = f"{found.id}  {found.address}"
        told = asked(session, found.id, applied_playbook(session), screen.instant(at) or database_now(session), screen.settings(), touch)
        session.rollback()
    if json:
        screen.show_json(asdict(told))
        return
    screen.say(heading + (f"  track {told.track}, version {(told.version or '')[:12]}" if told.track else ""))
    _show(told)


def _show(told: "Why") -> None:
    said = {"goes": "goes", "stopped": "does not go", "done": "had its turn", "nothing": "nothing planned"}[told.outcome]
    screen.say(f"{told.touch + ': ' if told.touch else ''}{said}: {told.because}")
    if told.slot is not None:
        _show_slot(told.slot)
    if told.outcome == "stopped":
        earliest = f"{told.earliest:%Y-%m-%d %H:%M}Z" if told.earliest else "not before that changes"
        screen.say(f"  earliest  {earliest}")
    for each in told.ahead:
        screen.say(f"  to come   {each.track}/{each.touch}, about {each.local_at[:16].replace('T', ' ')} in {each.zone}")
    for kept in told.kept:
        screen.say(f"  waiting   {kept.track}: {kept.because}{f', about {kept.at:%Y-%m-%d}' if kept.at else ''}")


def _show_slot(slot: "Slot") -> None:
    source = f", zone from {slot.zone_source}" if slot.zone_source else ""
    screen.say(
        f"  when      {slot.local_at[:16].replace('T', ' ')} in {slot.zone} ({slot.due_at:%Y-%m-%d %H:%M}Z{source}, {slot.resolution}, {slot.zone_database})"
    )
    screen.say(f"  rule      {slot.rule}")
    if slot.put_off:
        screen.say(f"  cap       {slot.put_off}")
    if slot.passed:
        screen.say(f"  passed    {', '.join(f'{day} {because}' for day, because in slot.passed)}")
