"""`ripeline translations`: texts out of the templates, into the catalogues."""

from pathlib import Path
from typing import Annotated

import typer

from ripeline.cli import screen


def translations(
    check: Annotated[bool, typer.Option("--check", help="Change nothing; exit code 2 if a catalogue is behind the templates.")] = False,
    add: Annotated[str | None, typer.Option(help="Begin a catalogue for this locale, a CLDR id such as ko or zh_Hans.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the coverage as JSON.")] = False,
) -> None:
    """Take every text marked for translation out of templates/, update locales/, tell how far each locale is.

    Translations are kept. A text that changed keeps its old translation marked fuzzy: it counts as missing until a person removes the mark.
    A letter goes out in a locale only where every text of it is confirmed there; otherwise the whole letter is in the fallback locale.
    """
    from ripeline.letter.extraction import coverage, refreshed, stale
    from ripeline.playbook.files import read_folder
    from ripeline.values import Refusal

    home = screen.settings().home
    files = read_folder(home)
    pot = home / "locales" / "messages.pot"
    if pot.exists():
        files["locales/messages.pot"] = pot.read_text(encoding="utf-8")
    if check:
        if behind := stale(files):
            raise Refusal(f"{', '.join(behind)} {'is' if len(behind) == 1 else 'are'} behind the templates: run `make translations` and commit what it writes")
    else:
        texts = refreshed(files, add)
        _write(home, {path: text for path, text in texts.items() if files.get(path) != text})
        files.update(texts)
    rows = [[each.locale, each.confirmed, each.fuzzy, each.missing, f"{each.percent} %"] for each in coverage(files)]
    screen.table(["locale", "translated", "fuzzy", "missing", "coverage"], rows, json=json)


def _write(home: Path, texts: dict[str, str]) -> None:
    from ripeline.values import Refusal

    for path, text in texts.items():
        try:
            (home / path).parent.mkdir(parents=True, exist_ok=True)
            (home / path).write_text(text, encoding="utf-8")
        except OSError as error:
            raise Refusal(f"cannot write {home / path} ({error.strerror}): make it writable", 3) from error
        typer.echo(f"wrote {path}", err=True)
