"""Rank from a job title, by the words of playbook/lists/seniority.<language>.txt; every language's words count, whoever wrote the title.

A line is `rank: phrase, phrase`. `*` stands for the rest of a word, `…` for the rest of the title: `specialist: assistant to …` keeps
an assistant to the CEO from being one. Longer phrases go first; of the ranks then found, the highest counts.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

LISTS = "playbook/lists/seniority."

Ladder = tuple[tuple[re.Pattern[str], int], ...]
"""Phrases, the longest first, each with the place of its rank, 0 the highest."""


@dataclass(frozen=True)
class BadLine(Exception):
    """A line of a list that does not begin with a rank."""

    path: str
    line: int
    what: str
    remedy: str


def ladder(files: Mapping[str, str], ranks: Sequence[str]) -> Ladder:
    """Return the phrases of every seniority list of a playbook; a rank that is not declared raises BadLine. `ranks`: highest first."""
    texts = tuple((path, text) for path, text in sorted(files.items()) if path.startswith(LISTS) and path.endswith(".txt"))
    return _read(texts, tuple(ranks))


def rank_of(title: str | None, phrases: Ladder, ranks: Sequence[str]) -> str | None:
    """Return the rank a title tells of, None where it tells of none."""
    left = _plain(title or "")
    found: list[int] = []
    for phrase, rank in phrases:
        left, times = phrase.subn("\n", left)
        found += [rank] * bool(times)
    return ranks[min(found)] if found else None


@lru_cache(maxsize=4)
def _read(texts: tuple[tuple[str, str], ...], ranks: tuple[str, ...]) -> Ladder:
    phrases: dict[str, int] = {}
    for path, text in texts:
        for number, line in enumerate(text.split("\n"), start=1):
            rank, _, words = line.split("#")[0].partition(":")
            if not rank.strip():
                continue
            if rank.strip() not in ranks:
                raise BadLine(path, number, f"'{rank.strip()}' is no rank.", f"Begin the line with one of {', '.join(ranks)}, and a colon.")
            phrases |= {word.strip(): ranks.index(rank.strip()) for word in words.split(",") if word.strip()}
    return tuple((_pattern(phrase), phrases[phrase]) for phrase in sorted(phrases, key=lambda each: (-len(each), each)))


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().replace(".", "").split())


def _pattern(phrase: str) -> re.Pattern[str]:
    """Return a phrase as it is looked for: between words, but anywhere in scripts that do not part them."""
    body = re.escape(_plain(phrase.removesuffix("…"))).replace(r"\*", r"\w*") + (r"\b.*" if phrase.endswith("…") else "")
    parts_words = not re.search(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]", phrase)
    return re.compile(rf"(?<!\w){body}(?!\w)" if parts_words else body)
