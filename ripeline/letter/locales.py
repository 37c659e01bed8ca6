"""Which language a lead is written to in, by CLDR: same language, same script, the territory that is nearest."""

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from babel import Locale, UnknownLocaleError
from babel.core import get_global, parse_locale
from babel.languages import get_official_languages

NORWEGIAN = {"no": "nb", "nn": "nb"}
"""Norwegian without a written standard, and the other standard, are served by Bokmål; CLDR's tables do not say so."""


class _Tag(NamedTuple):
    language: str
    script: str
    territory: str


def choose_locale(wanted: str | None, country: str | None, have: Iterable[str], fallback: str) -> tuple[str, str]:
    """Return a locale out of `have`, or `fallback`, and why.

    `wanted` is the lead's own, a CLDR id or BCP 47 tag as it came; where none is known, the official languages of `country`
    (ISO 3166-1 alpha-2) are asked in CLDR's order. A match has the same language and script by likely subtags (UTS #35),
    never another script: zh_TW is not zh_Hans. Among several the lead's territory comes first, then the language's own
    country, then the alphabet. A wanted language that we have not falls back; a country says nothing about that lead then.
    """
    choices = sorted(set(have))
    tag = _tag(wanted)
    if tag is not None:
        found = _nearest(tag, country, choices)
        if found is None:
            return fallback, f"no complete letter in {wanted}: fallback"
        return found, "the lead's language" if found == _normal(wanted) else f"nearest to {wanted}"
    for language in _official(country):
        spoken = _tag(f"{language}_{country}")
        found = _nearest(spoken, country, choices) if spoken is not None else None
        if found is not None:
            return found, f"official language of {country}"
    return fallback, "fallback" if not wanted else f"{wanted!r} is no language we know: fallback"


def nearest_locale(wanted: str, have: Iterable[str]) -> str | None:
    """Return what is nearest to a locale among those of its language and script; None where there is none."""
    tag = _tag(wanted)
    return None if tag is None else _nearest(tag, None, sorted(set(have)))


def _normal(wanted: str | None) -> str:
    return (wanted or "").strip().replace("-", "_")


def _official(country: str | None) -> tuple[str, ...]:
    return get_official_languages(country.upper(), de_facto=True) if country else ()


def _nearest(tag: _Tag, country: str | None, choices: list[str]) -> str | None:
    matching = [(choice, its) for choice in choices if (its := _tag(choice)) is not None and its[:2] == tag[:2]]
    if not matching:
        return None
    home = _tag(tag.language)
    order = [tag.territory, (country or "").upper(), home.territory if home else ""]
    return min(matching, key=lambda each: (order.index(each[1].territory) if each[1].territory in order else len(order), len(each[0]), each[0]))[0]


@lru_cache(maxsize=4096)
def _tag(locale: str | None) -> _Tag | None:
    """Return language, script and territory, the missing ones by likely subtags; None for what is no locale."""
    try:
        language, territory, script, *_ = parse_locale(_normal(locale).split(".")[0].split("@")[0])
    except ValueError:
        return None
    language = str(get_global("language_aliases").get(language, language))
    language = NORWEGIAN.get(language, language)
    if not _is_known(language):
        return None
    likely = get_global("likely_subtags")
    for key in (f"{language}_{script}_{territory}", f"{language}_{territory}", f"{language}_{script}", language):
        if key in likely:
            _, likely_territory, likely_script, *_ = parse_locale(likely[key])
            return _Tag(language, script or likely_script or "", territory or likely_territory or "")
    return _Tag(language, script or "", territory or "")


def _is_known(language: str) -> bool:
    try:
        Locale.parse(language)
    except (UnknownLocaleError, ValueError):
        return False
    return True
