"""MJML to HTML that mail programs show: checked for what MJML drops in silence, compiled, styles inlined."""

import re
from collections import Counter
from functools import lru_cache

import css_inline
import mjml

WITH_CONTENT = (
    "mj-title", "mj-preview", "mj-style", "mj-text", "mj-button", "mj-table", "mj-raw", "mj-navbar-link", "mj-social-element",
    "mj-accordion-title", "mj-accordion-text",
)  # fmt: skip
"""Tags between which words may stand; MJML drops words anywhere else."""

TAGS = frozenset((
    *WITH_CONTENT, "mjml", "mj-head", "mj-attributes", "mj-all", "mj-class", "mj-breakpoint", "mj-font", "mj-html-attributes", "mj-selector",
    "mj-html-attribute",
    "mj-body", "mj-wrapper", "mj-section", "mj-column", "mj-group", "mj-hero", "mj-image", "mj-divider", "mj-spacer", "mj-navbar", "mj-social",
    "mj-accordion", "mj-accordion-element", "mj-carousel", "mj-carousel-image",
))  # fmt: skip

NOT_READ = "MJML does not understand it"

_CONTENT = re.compile(rf"<({'|'.join(WITH_CONTENT)})\b(?:[^>\"']|\"[^\"]*\"|'[^']*')*?(?<!/)>.*?</\1\s*>", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_TAG = re.compile(r"</?([a-zA-Z][\w-]*)(?:[^>\"']|\"[^\"]*\"|'[^']*')*>")
_ROWS_BEGIN = re.compile(r"(<(?:mj-)?table\b[^>]*>)(?=\s*(?:<!--\w+-->\s*)*<tr\b)")
_BETWEEN_ROWS = re.compile(r"(</?(?:table|tbody|tr)\b[^>]*>)(?=<)")
_ROWS_END = re.compile(r"(</tr>\s*(?:<!--\w+-->\s*)*)(?=</(?:mj-)?table\s*>)")


def html_of(source: str, is_rtl: bool) -> str:
    """Return the HTML of an MJML document; ValueError with a sentence says what MJML would get wrong."""
    _check(source)
    try:
        html = mjml.mjml2html(with_table_bodies(source), fonts={})  # by itself MJML calls Google's fonts, which tells Google who reads
    except ValueError as error:
        raise ValueError(f"{NOT_READ} ({error}): look for a tag that is never closed, or an attribute without quotes") from error
    if "//www.mailjet.com/" in html:
        raise ValueError("<mj-social-element> without src shows a picture from MJML's maker: give it a src of your own")
    if is_rtl:  # MJML writes left to right on every section and column that does not say otherwise
        html = html.replace("direction:ltr", "direction:rtl")
    return in_lines(inlined(html))


def in_lines(html: str) -> str:
    """Return the HTML with a line end behind every row of its tables, where a blank is no content.

    The compiler gives one line of 17,000 characters. In lines people can read it, and a mail encodes once what is the same for all.
    """
    return _BETWEEN_ROWS.sub(r"\1\n", html)


def inlined(html: str) -> str:
    """Return an HTML document with its style rules written into the tags they meet; media queries stay in the head."""
    return _inliner().inline(html)


@lru_cache(maxsize=1)
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


def with_table_bodies(source: str) -> str:
    """Return the markup with `<tbody>` written where an HTML parser would imply it.

    Implied, it would open before the first row and inside a loop over rows, once for each of them.
    """
    return _ROWS_END.sub(r"\1</tbody>", _ROWS_BEGIN.sub(r"\1<tbody>", source))


def _check(source: str) -> None:
    bare = _COMMENT.sub("", source)
    if not bare.lstrip().startswith("<mjml"):
        raise ValueError('an MJML body begins with <mjml>: extend "email/_base/frame.mjml" and fill its blocks')
    unknown = sorted({tag[1] for tag in _TAG.finditer(bare) if tag[1].startswith("mj") and tag[1] not in TAGS})
    if unknown:
        raise ValueError(f"MJML has no <{unknown[0]}>: see the list of tags in docs/authoring-letters.md")
    uneven = _uneven(bare)
    if uneven is not None:
        raise ValueError(f"<{uneven}> is opened and not closed, or closed and not opened")
    lost = " ".join(_TAG.sub(" ", _CONTENT.sub(" ", bare)).split())
    if lost:
        raise ValueError(f"MJML drops words that stand outside <mj-text>, <mj-button> and the like: {lost[:60]!r}")


def _uneven(source: str) -> str | None:
    """Return a tag of MJML that is opened more or less often than it is closed; None where there is none."""
    open_tags: Counter[str] = Counter()
    for tag in _TAG.finditer(source):
        if tag[1].startswith("mj") and not tag[0].endswith("/>"):
            open_tags[tag[1]] += -1 if tag[0].startswith("</") else 1
    return next((name for name, count in open_tags.items() if count), None)
