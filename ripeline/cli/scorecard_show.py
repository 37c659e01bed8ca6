"""`ripeline scorecard show`: the card as written, as it counts in a market, as it is live."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ripeline.cli import screen

if TYPE_CHECKING:
    from ripeline.playbook.merged import Block, Value
    from ripeline.playbook.playbook import Playbook

COMMENT_AT = 72


def show(
    market: Annotated[str | None, typer.Option(help="As it counts in this market: a file of playbook/markets/, without .toml.")] = None,
    live: Annotated[bool, typer.Option("--live", help="The version that is live, instead of the files in playbook/.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON for a program.")] = False,
) -> None:
    """Print the whole scorecard with the file and line of each value; with --market, what that market changes laid over it.

    It is told in the words of the files, the thresholds of the hand-off included. Example: `ripeline scorecard show --market jp`.
    """
    from dataclasses import asdict

    from ripeline.playbook.merged import merged

    blocks = merged(_playbook(live), market)
    if json:
        screen.show_json([_as_json(block, value, asdict(value)) for block in blocks for value in block.values])
        return
    for block in blocks:
        _show(block)


def _playbook(live: bool) -> "Playbook":
    from ripeline.playbook.applied import applied_playbook
    from ripeline.playbook.files import read_folder
    from ripeline.playbook.playbook import parse_playbook

    if live:
        with screen.session(writes=False) as session:
            return applied_playbook(session)
    return parse_playbook(read_folder(screen.settings().home))


def _as_json(block: "Block", value: "Value", told: dict[str, Any]) -> dict[str, Any]:
    origin = told.pop("origin")
    return {"table": block.table, "name": block.name, **told, "path": origin["path"] or None, "line": origin["line"] or None, "is_off": block.off is not None}


def _show(block: "Block") -> None:
    from ripeline.playbook.written import written

    if block.table:
        header = f"[[{block.table}]]" if block.name is not None else f"[{block.table}]"
        screen.say("\n" + _remarked(header, f"switched off by {block.off}" if block.off else ""))
    width = max(len(value.key) for value in block.values)
    for value in block.values:
        instead = "" if value.everywhere is None else f" (everywhere: {written(value.everywhere)})"
        screen.say(_remarked(f"{value.key:<{width}} = {written(value.value)}", f"{value.origin}{instead}"))


def _remarked(line: str, remark: str) -> str:
    return f"{line:<{COMMENT_AT}}  # {remark}" if remark else line
