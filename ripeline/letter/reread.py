"""The last look before bytes leave: read again, they are what was planned and nothing else (CVE-2026-1299 and its kin)."""

from collections.abc import Sequence
from dataclasses import dataclass
from email.errors import HeaderParseError, MultipartInvariantViolationDefect
from email.header import decode_header, make_header
from email.parser import BytesHeaderParser
from email.policy import compat32
from email.utils import parseaddr
from functools import lru_cache

from ripeline.letter.headers import LONGEST_LINE
from ripeline.values import Refusal

_ADDRESSES = ("From", "To", "Reply-To")
_WORDS = (*_ADDRESSES, "Subject")


@dataclass(frozen=True)
class Planned:
    """A header field: its name, the value a reader must get out of it, and the line or lines written."""

    name: str
    value: str
    field: str


def check_bytes(raw: bytes, planned: Sequence[Planned]) -> None:
    """Raise Refusal unless `raw` has exactly the planned fields in their order and values, whole lines and none too long."""
    lengths = list(map(len, raw.splitlines()))
    # Every line ends in two bytes, unless one ends in CR or LF alone; the last may end in none.
    if len(raw) - sum(lengths) != 2 * (len(lengths) - (not raw.endswith(b"\r\n"))):
        raise Refusal("a mail would hold a bare CR or LF: it is not sent")
    if max(lengths) > LONGEST_LINE:
        raise Refusal(f"a mail would hold a line over {LONGEST_LINE} characters: it is not sent")
    read = BytesHeaderParser(policy=compat32).parsebytes(raw[: raw.index(b"\r\n\r\n") + 4])
    fields = list(read.raw_items())
    # Some releases of Python, such as 3.11.2, miss the parts of a body that was not given to read.
    defects = [each for each in read.defects if not isinstance(each, MultipartInvariantViolationDefect)]
    if defects or [name for name, _ in fields] != [each.name for each in planned]:
        raise Refusal("a mail would hold other headers than planned: it is not sent")
    for (name, written), plan in zip(fields, planned, strict=True):
        if _as_read(name, written) != plan.value:
            raise Refusal(f"the header {name} would not read as it was meant: it is not sent")


@lru_cache(maxsize=1024)
def _as_read(name: str, written: str) -> str:
    """Return what a reader gets out of a field as it was parsed; From and Subject are the same in many letters."""
    unfolded = written.replace("\r\n", "").replace("\n", "")
    if not unfolded.isascii():
        unfolded = unfolded.encode("ascii", "surrogateescape").decode("utf-8", "replace")
    if name not in _WORDS:
        return unfolded
    if name not in _ADDRESSES:
        return _decoded(unfolded)
    display, address = parseaddr(unfolded)
    return f"{_decoded(display)} <{address}>" if display else address


def _decoded(text: str) -> str:
    if "=?" not in text:
        return text
    try:
        return str(make_header(decode_header(text)))
    except (HeaderParseError, UnicodeError, LookupError) as error:
        raise Refusal("a header would not decode: the mail is not sent") from error
