"""Directions in plain text: marks that stand in pairs or not at all, and lines that a reader's program would turn round (UAX #9)."""

import re
import unicodedata

_OPEN, _CLOSE = "\u2066\u2067\u2068", "\u2069"
_MARKS, _EMBEDDING = re.compile("[\u2066-\u2069]"), re.compile("[\u202a-\u202e]")
_ISOLATED = re.compile("[\u2066-\u2068][^\u2066-\u2069]*\u2069")
_RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]+")
_STRONG = {"L": "ltr", "R": "rtl", "AL": "rtl"}


def overridden(text: str) -> bool:
    """Return whether a text holds a mark that embeds or overrides a direction: no template needs one, and each can forge an order."""
    return bool(_EMBEDDING.search(text))


def unbalanced(text: str) -> bool:
    """Return whether isolates in a line are opened and closed in other than pairs."""
    return bool(_MARKS.search(text)) and any(_depth(line) != 0 for line in text.splitlines())


def _depth(line: str) -> int:
    depth = 0
    for character in _MARKS.findall(line):
        depth += (character in _OPEN) - (character in _CLOSE)
        if depth < 0:
            return depth
    return depth


def turned_line(text: str, direction: str) -> str | None:
    """Return the first line whose first strong letter runs against the letter though the rest has words of its own direction; None: there is none.

    Mail programs take a plain line's direction from its first strong letter. What is isolated, and addresses, do not count.
    """
    if direction == "ltr" and not _RTL.search(text):
        return None
    for line in text.splitlines():
        strong = [_STRONG[kind] for character in _without_addresses(_ISOLATED.sub(" ", line)) if (kind := unicodedata.bidirectional(character)) in _STRONG]
        if strong and strong[0] != direction and direction in strong:
            return line.strip()
    return None


def _without_addresses(line: str) -> str:
    return " ".join(word for word in line.split() if "://" not in word and "@" not in word)


def stray_letters(text: str, direction: str) -> str | None:
    """Return the first run of right-to-left letters that stands unisolated in a left-to-right text; None: there is none."""
    if direction == "rtl":
        return None
    found = _RTL.search(_ISOLATED.sub(" ", text))
    return found[0] if found else None
