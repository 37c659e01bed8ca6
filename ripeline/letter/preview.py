"""A letter as files to look at: what the sending engine writes, not its cousin."""

from pathlib import Path

from ripeline.letter.mime import Envelope, to_bytes
from ripeline.letter.writing import Letter
from ripeline.values import Refusal


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
