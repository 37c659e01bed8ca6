"""The text part made tidy."""

import re

_EMPTY_LINES = re.compile(r"\n{3,}")


def tidied(text: str) -> str:
    """Return a text part without trailing blanks and with single empty lines; the signature mark keeps its blank (RFC 3676 4.3)."""
    lines = "\n".join([line.rstrip(" \t") for line in text.split("\n")])
    return _EMPTY_LINES.sub("\n\n", lines).strip("\n").replace("\n--\n", "\n-- \n") + "\n"
