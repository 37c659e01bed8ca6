"""People in flight, for the commands that edit what they go through: what an edit would do to them, and moving them."""

from typing import TYPE_CHECKING

from ripeline.cli import screen

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlmodel import Session

    from ripeline.playbook.playbook import Playbook
    from ripeline.sweep.plan import Difference

BATCH = 20_000


def foresee(session: "Session", edited: "Playbook", now: "datetime") -> "Difference | None":
    """Return what the edited playbook would do to people in flight, should everybody move to it; None: there is nobody. Writes nothing."""
    from ripeline.playbook.applied import applied_playbook
    from ripeline.playbook.lineage import lineage_with
    from ripeline.sweep.plan import differences, people

    live, lineage, found = applied_playbook(session), lineage_with(session, edited), None
    ranges = people(session, BATCH)
    with screen.progress("planning") as told:
        for number, ids in enumerate(ranges, start=1):
            part = differences(session, ids, live, edited, now, screen.settings().key, lineage)
            found = part if found is None else found + part
            told(number, len(ranges))
    session.rollback()
    return found


def counted(found: "Difference | None") -> str:
    """Return how many messages appear, move and vanish, and which tracks are renamed, in words."""
    counts = found.counts if found else {}
    told = [f"{count} {'message' if count == 1 else 'messages'} {change}" for change, count in counts.items() if count]
    renamed = found.renamed.rows(named=True) if found else []
    names = "".join(f"; track '{each['track']}' renamed '{each['new']}', with {each['leads']} in it" for each in renamed)
    return (", ".join(told) if told else "nobody in flight would notice") + names


def move_everybody(now: "datetime") -> None:
    """Move everybody in flight to the playbook that is live, and tell how many; killed and run again it goes on where it stopped."""
    from ripeline.playbook.applied import applied_before, applied_playbook
    from ripeline.playbook.lineage import lineage_with
    from ripeline.sweep.plan import Move, due_to_move, move_people
    from ripeline.values import Tally

    with screen.session(writes=False) as session:
        to = applied_playbook(session)
        by = Move(applied_before(session), to, lineage_with(session, to))
        ranges = due_to_move(session, to, batch_size=BATCH)
    tally = Tally()
    with screen.progress("moving") as told:
        for number, ids in enumerate(ranges, start=1):
            with screen.session() as session:
                tally += move_people(session, ids, by, now=now, settings=screen.settings())
            told(number, len(ranges))
    if ranges:
        screen.say(_moved(tally.counts))


def _moved(counts: "Mapping[str, int]") -> str:
    said = {"planned_anew": "planned anew", "taken_out": "taken out", "passed_over": "passed over", "expired": "skipped as too late"}
    touches = ", ".join(f"{counts[name]} {'touch' if counts[name] == 1 else 'touches'} {word}" for name, word in said.items() if counts.get(name))
    ended = f"; {counts['ended']} left a track that is gone" if counts.get("ended") else ""
    renamed = f"; {counts['renamed']} are in a track that has another name now" if counts.get("renamed") else ""
    return f"moved in flight: {counts.get('moved', 0)}" + (f" ({touches})" if touches else "") + renamed + ended
