"""Which way text runs, and how a value of the other direction is kept from turning its neighbours round (UAX #9)."""

import re
from functools import lru_cache
from typing import Any

from babel import Locale
from markupsafe import Markup, escape

_RTL = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff"
_HAS_RTL = re.compile(f"[{_RTL}]")
_HAS_OTHER = re.compile(f"[^\\W_{_RTL}]")
_HAS_LETTER = re.compile(r"[^\W\d_]")
_ADDRESS = re.compile(r"://|@")


@lru_cache(maxsize=256)
def is_rtl(locale: str) -> bool:
    """Return whether a CLDR locale is written from right to left."""
    return Locale.parse(locale).text_direction == "rtl"


def direction_of(locale: str) -> str:
    """Return `rtl` or `ltr`, as HTML writes it."""
    return "rtl" if is_rtl(locale) else "ltr"


def isolated_text(value: Any, rtl: bool) -> Any:
    """Return a value for a text part: between FSI and PDI where it runs against the letter; addresses stay as they are, to be clicked."""
    return f"\u2068{value}\u2069" if _runs_against(value, rtl) and not _ADDRESS.search(value) else value


def isolated_html(value: Any, rtl: bool) -> Any:
    """Return a value for HTML text: in `<bdi>` where it runs against the letter. One without letters, such as -10, has no direction by itself."""
    if not _runs_against(value, rtl):
        return value
    own = "" if _HAS_LETTER.search(value) else ' dir="ltr"'
    return Markup(f"<bdi{own}>{escape(value)}</bdi>")


def _runs_against(value: Any, rtl: bool) -> bool:
    return isinstance(value, str) and not isinstance(value, Markup) and bool((_HAS_OTHER if rtl else _HAS_RTL).search(value))
