"""Text files: which encoding they are in, checked to the last byte before the first row is taken."""

import codecs
from pathlib import Path

from ripeline.values import Refusal

BLOCK = 1 << 22

_MARKS = {codecs.BOM_UTF32_LE: "utf-32", codecs.BOM_UTF32_BE: "utf-32", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
"""UTF-32 first: its mark begins with that of UTF-16."""
_REMEDY = "save it as UTF-8, or say which encoding it is in, such as --encoding cp1252 (Windows)"


def checked_encoding(path: Path, encoding: str | None) -> tuple[str, int]:
    """Return the encoding to open `path` with, and its number of lines; raise Refusal that names the first byte that does not fit."""
    name = _known(encoding) if encoding else "utf-8-sig"
    decoder = codecs.getincrementaldecoder(name)()
    done = b""
    lines = offset = 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            try:
                decoder.decode(block)
            except UnicodeDecodeError as error:
                raise Refusal(_misfit(path, name, error, offset - len(done), lines, block)) from error
            except UnicodeError as error:  # of the file as a whole, such as no byte order mark
                raise Refusal(f"{path} is not {_shown(name)} ({error}): {_REMEDY}") from error
            lines, offset = lines + block.count(b"\n"), offset + len(block)
            done = decoder.getstate()[0]
    _finish(path, decoder, lines)
    return name, lines


def _finish(path: Path, decoder: codecs.IncrementalDecoder, lines: int) -> None:
    try:
        decoder.decode(b"", final=True)
    except UnicodeError as error:
        raise Refusal(f"{path} ends in the middle of a letter (line {lines + 1}): it was cut short, export it again") from error


def _known(encoding: str) -> str:
    try:
        name = codecs.lookup(encoding).name
        "".encode(name)  # Python knows others, such as base64, that make no text of bytes
    except (LookupError, ValueError) as error:
        raise Refusal(f"no encoding is called '{encoding}': say utf-8, cp1252, latin-1, utf-16, shift_jis …") from error
    return "utf-8-sig" if name == "utf-8" else name


def _shown(name: str) -> str:
    return name.removesuffix("-sig").upper()


def _misfit(path: Path, name: str, error: UnicodeDecodeError, start: int, lines: int, block: bytes) -> str:
    bad = error.object[error.start]
    line = lines + error.object[: error.start].count(b"\n") + 1
    if start == 0 and lines == 0 and (marked := next((other for mark, other in _MARKS.items() if block.startswith(mark)), None)):
        return f"{path} is not {_shown(name)} but looks like {marked.upper()}: say --encoding {marked}"
    return f"{path} is not {_shown(name)}: byte 0x{bad:02X} at position {start + error.start} (line {line}): {_REMEDY}"
