"""The text part made tidy."""

import re

_TRAILING_BLANKS = re.compile(r"[ \t]+$", re.MULTILINE)
_EMPTY_LINES = re.compile(r"\n{3,}")
_SIGNATURE = re.compile(r"^--$", re.MULTILINE)


def tidied(text: str) -> str:
    """Return a text part without trailing blanks and with single empty lines; the signature mark keeps its blank (RFC 3676 4.3)."""
    return _SIGNATURE.sub("-- ", _EMPTY_LINES.sub("\n\n", _TRAILING_BLANKS.sub("", text))).strip("\n") + "\n"
