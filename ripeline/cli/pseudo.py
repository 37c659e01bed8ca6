"""`ripeline pseudo`: letters in a language that nobody speaks, so that what is not translated or does not fit shows."""

from pathlib import Path
from typing import Annotated

import typer

from ripeline.cli import screen


def pseudo(
    out: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Where to write. Default: pseudo/ in the var folder.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
) -> None:
    """Write every letter in two pseudo-locales and a contact sheet of them: longer and accented in brackets, and mirrored.

    Words without brackets are written into a template bare: they would be English in every language, and are listed; exit code 1 then.
    Words that are cut off, or run out of their box, do not fit a longer language. Example: `ripeline pseudo --out pseudo`
    """
    import os

    from ripeline.letter.folder import templates_in
    from ripeline.letter.preview import write_sheet
    from ripeline.letter.pseudo import ACCENTED, MIRRORED, pseudo_files, untranslated
    from ripeline.letter.sample import sample_data
    from ripeline.letter.workshop import Workshop
    from ripeline.playbook.files import read_folder
    from ripeline.playbook.telling import declared_fields

    settings = screen.settings()
    files = pseudo_files(read_folder(settings.home))
    templates = [template for template in templates_in(files) if not template.startswith("web/")]
    data = sample_data(site=settings.links_to, fields=declared_fields(files)) | {"next_asset": None}
    with Workshop(files, processes=len(os.sched_getaffinity(0))) as workshop:
        orders = [
            (template, locale, data | {"answers": dict.fromkeys(workshop.asks(template, locale).conditions, True)})
            for template in templates
            for locale in (ACCENTED, MIRRORED)
        ]
        letters = dict(workshop.letters(orders))
    sheet = write_sheet(out or settings.var_folder / "pseudo", letters, {})
    found = [{"letter": template, "text": text} for (template, locale), letter in letters.items() if locale == ACCENTED for text in untranslated(letter, data)]
    if json:
        screen.show_json({"sheet": sheet, "untranslated": found})
    else:
        for each in found:
            screen.say(f"templates/{each['letter']:<28} not translated: {each['text'][:100]}")
        screen.say(f"{len(letters)} letters, {len(found)} texts not translated\nsheet   {sheet}")
    raise typer.Exit(1 if found else 0)
