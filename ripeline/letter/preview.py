"""A letter as files to look at: what the sending engine writes, not its cousin."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from ripeline.letter.mime import Envelope, to_bytes
from ripeline.letter.sheet import Print, contact_sheet
from ripeline.letter.writing import Letter
from ripeline.values import Refusal

SHEET = "index.html"


def write_preview(folder: Path, name: str, letter: Letter, envelope: Envelope) -> tuple[dict[str, Path], bytes]:
    """Write the letter's HTML, text, headers and whole mail to `folder`; return the files by what they hold, and the mail."""
    raw = to_bytes(letter, envelope)
    headers, _, _ = raw.partition(b"\r\n\r\n")
    contents = {
        "html": (".html", letter.html.encode()),
        "text": (".txt", letter.text.encode()),
        "headers": (".headers.txt", headers.replace(b"\r\n", b"\n") + b"\n"),
        "mail": (".eml", raw),
    }
    files = {what: folder / f"{name}.{letter.locale}{ending}" for what, (ending, _) in contents.items()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for what, (_, content) in contents.items():
            files[what].write_bytes(content)
    except OSError as error:
        raise Refusal(f"cannot write to {folder} ({error.strerror}): make it writable, or name another folder with --out", 3) from error
    return files, raw


def write_sheet(folder: Path, letters: Mapping[tuple[str, str], Letter], missing: Mapping[str, Sequence[str]]) -> Path:
    """Write each letter's HTML (by template and locale) and the contact sheet beside them; return the sheet."""
    prints = [Print(template, locale, letter.subject, letter.preheader, f"{_name(template)}.{locale}.html") for (template, locale), letter in letters.items()]
    contents = {each.file: letters[each.template, each.locale].html for each in prints} | {SHEET: contact_sheet(prints, missing)}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            (folder / name).write_text(content, encoding="utf-8")
    except OSError as error:
        raise Refusal(f"cannot write to {folder} ({error.strerror}): make it writable, or name another folder with --out", 3) from error
    return folder / SHEET


def _name(template: str) -> str:
    return template.removeprefix("email/").replace("/", "-")
