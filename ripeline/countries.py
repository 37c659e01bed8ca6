"""Countries: from a word in any of many languages to ISO 3166-1 alpha-2, and an honest no to what is no country."""

import re
import unicodedata
from collections.abc import Iterator
from difflib import get_close_matches
from functools import lru_cache

from babel import Locale
from babel.core import get_global

from ripeline.values import Refusal

NOT_COUNTRIES = frozenset({"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"})
"""Two-letter codes that CLDR names and ISO 3166-1 does not give to a country. XK stays: everybody uses it for Kosovo."""

LANGUAGES = (
    "de", "fr", "es", "pt", "it", "nl", "nb", "sv", "da", "fi", "pl", "cs", "hu", "ro", "tr", "el", "ru", "uk", "bg", "ja", "zh", "zh_Hant", "ko",
    "ar", "he", "hi", "id", "vi", "th",
)  # fmt: skip
"""Languages whose country names are understood beside English."""

ALSO = {
    "US": "usa, united states of america, america, us of a, the states",
    "GB": "uk, great britain, britain, england, scotland, wales, northern ireland, united kingdom of great britain and northern ireland",
    "NL": "holland",
    "CZ": "czech republic",
    "TR": "turkey, republic of turkiye",
    "RU": "russian federation",
    "HK": "hong kong, hong kong sar",
    "MO": "macau, macao, macao sar",
    "CN": "prc, peoples republic of china, mainland china",
    "TW": "taiwan province of china",
    "KR": "republic of korea, korea republic of, korea south, 한국",
    "KP": "democratic peoples republic of korea, korea democratic peoples republic of, korea north",
    "AE": "uae, emirates",
    "CI": "ivory coast",
    "MM": "burma",
    "SZ": "swaziland",
    "CV": "cape verde",
    "TL": "east timor",
    "MK": "macedonia",
    "PS": "palestine, state of palestine",
    "VA": "vatican, holy see",
    "VN": "viet nam, socialist republic of vietnam",
    "IR": "iran islamic republic of, islamic republic of iran",
    "LA": "lao peoples democratic republic",
    "SY": "syrian arab republic",
    "MD": "moldova republic of, republic of moldova",
    "TZ": "tanzania united republic of, united republic of tanzania",
    "BO": "bolivia plurinational state of",
    "VE": "venezuela bolivarian republic of",
    "BN": "brunei darussalam",
    "FM": "micronesia federated states of",
    "CD": "dr congo, drc, democratic republic of the congo, congo democratic republic of the",
    "CG": "republic of the congo",
    "IE": "republic of ireland, eire",
    "DE": "brd",
    "BR": "brasil",
    "MX": "mejico",
}
"""Words in use that CLDR does not have."""

AMBIGUOUS = ("congo", "kongo", "korea")
"""Words that name two countries."""


def country_of(word: str) -> str:
    """Return the ISO 3166-1 alpha-2 code of a country given as a code of two or three letters, a number, or a name; else raise Refusal."""
    folded = _folded(word)
    for known in (_codes_and_english, _other_languages):
        if folded in known():
            return known()[folded]
    near = get_close_matches(folded, _english(), n=1, cutoff=0.8)
    hint = f", did you mean '{_english()[near[0]]}'?" if near else ""
    raise Refusal(f"'{word.strip()}' is no country we know{hint} (write its ISO code, such as DE, or give it one under [values.country] in the map)")


def country_codes() -> frozenset[str]:
    """Return every code that `country_of` can answer."""
    return frozenset(code for code, _ in _names("en"))


def _folded(word: str) -> str:
    """Return a word without case, accents of alphabets, spaces, punctuation and a leading "the"."""
    plain = re.sub(r"[\u0300-\u036f]", "", unicodedata.normalize("NFKD", word).casefold()).replace("&", " and ")
    return re.sub(r"[\W_]", "", re.sub(r"^\s*the\b", "", plain))


@lru_cache(maxsize=1)
def _english() -> dict[str, str]:
    return {_folded(name): name for _, name in _names("en")}


@lru_cache(maxsize=1)
def _codes_and_english() -> dict[str, str]:
    codes = country_codes()
    known = {_folded(name): code for code, name in _names("en")}
    known |= {_folded(word): code for code, words in ALSO.items() for word in words.split(",")}
    aliases = {alias.lower(): now[0] for alias, now in get_global("territory_aliases").items() if len(now) == 1 and now[0] in codes}
    return known | aliases | {code.lower(): code for code in codes}


@lru_cache(maxsize=1)
def _other_languages() -> dict[str, str]:
    meant: dict[str, set[str]] = {}
    for language in LANGUAGES:
        for code, name in _names(language):
            meant.setdefault(_folded(name), set()).add(code)
    return {word: codes.pop() for word, codes in meant.items() if len(codes) == 1 and word not in AMBIGUOUS}


def _names(language: str) -> Iterator[tuple[str, str]]:
    territories = Locale.parse(language).territories
    return ((code, name) for code, name in territories.items() if len(code) == 2 and code.isalpha() and code not in NOT_COUNTRIES)
