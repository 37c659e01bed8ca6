"""Links that count: UTM parameters on every link to our own site, the same in text and HTML. They name the letter, never its reader."""

import re
from functools import lru_cache
from html import escape, unescape
from urllib.parse import quote

Parameters = tuple[tuple[str, str], ...]

_ENDS = ".,;:!?)"


def counted_text(text: str, site: str, utm: Parameters, keep: str | None) -> str:
    """Return a text part with `utm` on its links to `site`; `keep`, the reader's way out, stays as it is."""
    return _in_text(site).sub(lambda found: _counted_in_text(found[0], utm, keep), text) if utm else text


def counted_html(html: str, site: str, utm: Parameters, keep: str | None) -> str:
    """Return an HTML part with `utm` on its links to `site`, pictures left alone; `keep` stays as it is."""
    if not utm:
        return html
    return _in_html(site).sub(lambda found: found[1] + _counted_in_html(found[2], utm, keep), html)


def _counted_in_text(found: str, utm: Parameters, keep: str | None) -> str:
    address = found.rstrip(_ENDS)
    return found if address == keep else _with(address, utm) + found[len(address) :]


def _counted_in_html(found: str, utm: Parameters, keep: str | None) -> str:
    address = unescape(found)
    return found if address == keep else escape(_with(address, utm))


@lru_cache(maxsize=4096)
def _with(address: str, utm: Parameters) -> str:
    bare, hash_sign, fragment = address.partition("#")
    added = [f"{name}={quote(value, safe='')}" for name, value in utm if f"{name}=" not in bare]
    if not added:
        return address
    glue = "" if bare.endswith(("?", "&")) else "&" if "?" in bare else "?"
    return bare + glue + "&".join(added) + hash_sign + fragment


@lru_cache(maxsize=16)
def _in_text(site: str) -> re.Pattern[str]:
    return re.compile(re.escape(site) + r"(?![\w:-])(?!\.\w)[^\s<>\"\u2068\u2069]*")


@lru_cache(maxsize=16)
def _in_html(site: str) -> re.Pattern[str]:
    return re.compile(r"""(href=["'])(""" + re.escape(site) + r"""(?=[/?#"'])[^"']*)""")
