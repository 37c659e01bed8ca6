"""`make screenshots`: every letter in every language, on a telephone and a desk, by day and by night; exit code 1 where something does not fit."""

import argparse
import sys
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.progress import track

from ripeline.cli.preview import preview
from ripeline.cli.pseudo import pseudo
from ripeline.letter.preview import SHEET
from ripeline.settings import load_settings
from ripeline.values import Refusal
from screenshots.browser import LOOKS, late, opened
from screenshots.fit import misfits

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from screenshots.browser import Look

QUALITY = 80
LETTERS_A_BROWSER = 60


def letters_in(folder: Path) -> list[Path]:
    """Return the letters in a folder that `ripeline preview` or `ripeline pseudo` wrote."""
    return sorted(file for file in folder.glob("*.html") if file.name != SHEET)


def pictures(files: Sequence[Path], folder: Path) -> Iterator[tuple[Path, str, list[str]]]:
    """Take each letter in every look into `folder`; give the letter, the look's name, and what does not fit.

    A browser takes so many letters and makes room for a new one; one that does not answer any more does so, too, and the letter is taken again.
    """
    waiting, stuck = deque(files), set[Path]()
    while waiting:
        with opened() as pages:
            for _ in range(min(LETTERS_A_BROWSER, len(waiting))):
                seen = _looks(pages, waiting[0], folder)
                if seen is None:
                    break
                waiting.popleft()
                yield from seen
            else:
                continue
        if waiting[0] in stuck:
            raise Refusal(f"Chromium does not answer at {waiting[0].name}, twice: give the machine some rest, then say `python -m screenshots` again", 3)
        stuck.add(waiting[0])


def _looks(pages: "Mapping[Look, Page]", file: Path, folder: Path) -> list[tuple[Path, str, list[str]]] | None:
    """Return what each look shows of one letter; None where the browser does not answer."""
    seen = []
    try:
        for look, page in pages.items():
            page.goto(file.resolve().as_uri())
            page.screenshot(path=folder / f"{file.stem}.{look.name}.jpg", full_page=True, type="jpeg", quality=QUALITY)
            seen.append((file, look.name, misfits(page)))
    except late():
        return None
    return seen


def album(files: Sequence[Path]) -> str:
    """Return a page that shows the pictures of each letter beside each other."""
    style = "body{font:14px system-ui;background:#dfe3e8;margin:20px} div{display:flex;gap:12px;align-items:flex-start} img{max-width:24vw;height:auto}"
    rows = "".join(f"<h2>{escape(file.stem)}</h2><div>{''.join(_picture(file, look.name) for look in LOOKS)}</div>" for file in files)
    return f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Letters in pictures</title><style>{style}</style>{rows}</html>\n'


def _picture(file: Path, look: str) -> str:
    name = escape(f"{file.stem}.{look}.jpg")
    return f'<a href="{name}"><img loading="lazy" alt="{name}" src="{name}"></a>'


def _written(folder: Path, locale: str | None) -> list[Path]:
    """Write every letter by the engine that sends, then those in pseudo-languages, which are longer and mirrored."""
    preview(every=True, locale=locale, out=folder, browser=False)
    if locale is None:
        with suppress(typer.Exit):  # its answer, that words are not translated, is the command's own affair
            pseudo(out=folder / "pseudo")
    return letters_in(folder) + letters_in(folder / "pseudo")


def main() -> int:
    """Take the pictures, tell what does not fit, and where to look."""
    words = argparse.ArgumentParser(prog="python -m screenshots", description=__doc__)
    words.add_argument("letters", nargs="*", help="the start of a letter's name, such as case-study or handoff-card; default all")
    words.add_argument("--locale", help="one language alone; default all, and the pseudo-languages")
    words.add_argument("--out", type=Path, help="where to; default screenshots/ in the var folder")
    said = words.parse_args()
    console, folder = Console(), said.out or load_settings().var_folder / "screenshots"
    files = [file for file in _written(folder, said.locale) if not said.letters or file.name.startswith(tuple(said.letters))]
    found = 0
    for file, look, wrong in track(pictures(files, folder), "pictures", total=len(files) * len(LOOKS), console=Console(stderr=True)):
        for what in wrong:
            console.print(f"{file.stem} ({look}): {what}", markup=False)
        found += len(wrong)
    (folder / "album.html").write_text(album(files), encoding="utf-8")
    console.print(f"{len(files)} letters in {len(LOOKS)} looks, {found} that do not fit\nalbum   {folder / 'album.html'}", markup=False, soft_wrap=True)
    return 1 if found else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Refusal as refusal:
        sys.stderr.write(f"screenshots: {refusal}\n")
        sys.exit(refusal.exit_code)
