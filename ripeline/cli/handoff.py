"""`ripeline handoffs`, `ripeline handoff accept|reject`: what sales has, and its answers."""

from typing import TYPE_CHECKING, Annotated

import typer

from ripeline.cli import screen

if TYPE_CHECKING:
    from ripeline.sweep.handoff.listing import Listed

app = typer.Typer(no_args_is_help=True, help="Answer a hand-off: accept the lead, or reject it with a reason.")

Id = Annotated[int, typer.Argument(metavar="ID", min=1, max=2**63 - 1, help="The hand-off's number, as the card and `ripeline handoffs` show it.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for a program.")]

COLUMNS = ("id", "lead", "rep", "state", "score", "grade", "meeting, lead's clock", "meeting, rep's clock", "answer by", "why")


def handoffs(
    only_open: Annotated[bool, typer.Option("--open", help="Only those that wait for a rep, or for a rep's answer.")] = False,
    json: Json = False,
) -> None:
    """List hand-offs: which rep has which lead, with which score, and when they meet on both clocks.

    `waiting` means nobody fits yet: the last column says why, and every run of `handoff` tries again. `late` marks answers that the rep has promised
    for an earlier time; `corrected` means that part of the score turned out to be a machine's, as the rep was told. Answer with
    `ripeline handoff accept ID` or `ripeline handoff reject ID --reason R`.
    """
    from dataclasses import asdict

    from ripeline.database import database_now
    from ripeline.sweep.handoff.listing import list_handoffs

    with screen.session(writes=False) as session:
        listed = list_handoffs(session, now=database_now(session), only_open=only_open)
    if json:
        screen.show_json([asdict(each) for each in listed])
        return
    rows = [
        (each.id, each.lead_id, each.rep, _state(each), each.withheld or f"{each.total:g}", each.grade,
         each.lead_time, each.rep_time, each.accept_by, each.verdict or each.because)
        for each in listed
    ]  # fmt: skip
    screen.table(COLUMNS, rows, title=None if rows else "No hand-offs.")


def _state(listed: "Listed") -> str:
    return listed.state + (", late" if listed.is_late else "") + (", corrected" if listed.is_corrected else "")


@app.command()
def accept(handoff_id: Id, json: Json = False) -> None:
    """Take the lead. It is yours; its mails of nurture end."""
    _answer(handoff_id, accepted=True, reason="", json=json)


@app.command()
def reject(
    handoff_id: Id,
    reason: Annotated[str, typer.Option("--reason", help='Why the lead is not for you, such as "no budget this year".')] = "",
    json: Json = False,
) -> None:
    """Give the lead back to marketing. It comes again after the cooling time at the earliest.

    The meeting is struck out. An invite that was not sent yet never is; whoever has one gets a cancellation by mail.
    Where no mail may tell the lead, the answer says so: call them.
    """
    _answer(handoff_id, accepted=False, reason=reason, json=json)


def _answer(handoff_id: int, *, accepted: bool, reason: str, json: bool) -> None:
    from ripeline.database import database_now
    from ripeline.playbook.applied import applied_playbook
    from ripeline.sweep.handoff.verdict import take_verdict

    with screen.session() as session:
        playbook, now = applied_playbook(session), database_now(session)
        tally = take_verdict(session, handoff_id, accepted=accepted, reason=reason, source="command", playbook=playbook, now=now)
    if json:
        screen.show_json(dict(tally.counts))
    else:
        screen.say(f"handoff {handoff_id}: {'accepted' if accepted else 'rejected'}{_about_the_meeting(tally['cancellations'], tally['to_call'])}")


def _about_the_meeting(cancellations: int, to_call: int) -> str:
    """Return what becomes of invites that went out; nothing where none did."""
    if to_call:
        return ". The lead has the invite, and no mail from us may tell them in time that the meeting is off: call them"
    return ". The meeting is off: whoever has the invite gets a cancellation by mail" if cancellations else ""
