"""The tables of habits that are warned of, so that each can be read, doubted and changed in one place."""

import re
from dataclasses import dataclass
from typing import Literal

_CAPITALS = "[A-ZÀ-ÖØ-ÞΑ-ΩА-Я]"

Where = Literal["subject", "text", "html", "source"]


@dataclass(frozen=True)
class Habit:
    """Something to be warned of: the pattern that shows it, where it is looked for, what is said, what to do."""

    where: Where
    pattern: re.Pattern[str]
    what: str
    remedy: str


def _habit(where: Where, pattern: str, what: str, remedy: str, flags: int = re.IGNORECASE) -> Habit:
    return Habit(where, re.compile(pattern, flags), what, remedy)


SPAM = (
    _habit("subject", rf"\b{_CAPITALS}{{4,}}\W+{_CAPITALS}{{4,}}\b", "the subject shouts in capitals", "Write it like a sentence.", 0),
    _habit("subject", r"[!?]{2,}|!.*!|\uff01.*\uff01", "the subject has more than one exclamation or question mark", "One is enough, none is better."),
    _habit(
        "subject", r"^\s*(?:re|fw|fwd|aw|wg|tr|rv|sv|vs|antw)\s*:", "the subject pretends to be an answer", "Filters and readers take it for deceit (CAN-SPAM)."
    ),
    _habit("subject", r"[$€£¥]{2,}|100\s?%", "the subject waves with money or percents", "Say what is in the letter."),
    _habit(
        "subject",
        r"\b(?:act now|urgent|last chance|limited time|free|winner|guaranteed?|risk[- ]free|click here)\b",
        "a word filters count",
        "Say what is in the letter.",
    ),
    _habit(
        "subject",
        r"\b(?:gratis|umsonst|garantiert|jetzt zugreifen|gratuit|offert|garanti|gratuito|garantizado|grátis|garantito|бесплатно|срочно)\b",
        "a word filters count",
        "Say what is in the letter.",
    ),
    _habit(
        "text",
        r"\b(?:act now|limited time offer|risk[- ]free|no obligation|once in a lifetime|this is not spam|dear friend|100% free)\b",
        "a phrase filters count",
        "Say it in your own words.",
    ),
    _habit(
        "text",
        r"\b(?:click here|hier klicken|klick hier|cliquez ici|haga clic aquí|clique aqui|clicca qui|klik hier|klikk her|нажмите здесь)\b",
        "a link that does not say where it leads",
        "Name what the reader will find.",
    ),
    _habit(
        "html",
        r"href=[\"']https?://(?:bit\.ly|t\.co|tinyurl\.com|goo\.gl|ow\.ly|is\.gd|buff\.ly)/",
        "a link shortener, which filters distrust",
        "Link to your own address.",
    ),
    _habit("html", r"href=[\"']https?://\d{1,3}(?:\.\d{1,3}){3}", "a link to a bare number", "Link to a name with a certificate."),
    _habit(
        "source",
        r"style\s*=\s*\"[^\"]*(?:display\s*:\s*none|visibility\s*:\s*hidden)",
        "hidden text, which filters distrust",
        "Leave it out; <mj-preview> hides what inboxes show.",
    ),
)
"""Habits of spam that Gmail's, Yahoo's and Microsoft's guides for bulk senders, and SpamAssassin's rules, name."""

CLIENTS = (
    _habit("source", r"<form\b", "<form>: Gmail, Outlook and Yahoo take it out or warn of it", "Link to a page with the form."),
    _habit("source", r"<(?:video|audio)\b", "<video> and <audio>: only Apple Mail plays them", "Show a picture that links to the page."),
    _habit("source", r"<(?:script|iframe|object|embed|applet)\b", "active content: every client takes it out", "Link to a page."),
    _habit("source", r"<svg\b|\.svg[\"')?#]", "SVG: Gmail and Outlook show nothing", "Use PNG or JPEG."),
    _habit("source", r"\.webp[\"')?#]|\.avif[\"')?#]", "WebP and AVIF: Outlook on Windows shows nothing", "Use PNG or JPEG."),
    _habit("source", r"src\s*=\s*[\"']data:", "a picture inside the address: Gmail and Outlook show nothing", "Put it on your site and link to it."),
    _habit("source", r"position\s*:\s*(?:absolute|fixed|sticky)", "position: Gmail and Outlook ignore it", "Build with sections and columns."),
    _habit(
        "source", r"display\s*:\s*(?:flex|grid|inline-flex|inline-grid)", "flex and grid: Outlook on Windows ignores them", "Build with sections and columns."
    ),
    _habit("source", r"@import|<link\b[^>]*stylesheet", "styles from elsewhere: Gmail and Outlook do not fetch them", "Write them into <mj-style>."),
    _habit(
        "source",
        r"@font-face|<mj-font\b",
        "fonts from the network: Gmail and Outlook show another, and the font's host learns who reads",
        "Use fonts that are there.",
    ),
    _habit("source", r"\b(?:calc|min|max|clamp)\(|var\(--", "calculated values: Outlook on Windows ignores the whole rule", "Write the value."),
    _habit(
        "source",
        r"(?<![\w-])(?:background-image\s*:|background-url\s*=)",
        "pictures as ground: Outlook on Windows shows none",
        "Give a background colour on which the text reads.",
    ),
    _habit("source", r"[:\"'\s]\d*\.?\d+(?:rem|vw|vh)\b", "units rem, vw and vh: Outlook on Windows ignores them", "Use px."),
    _habit("source", r":(?:nth-child|not|has|is|where)\(", "selectors that Gmail and Outlook do not know", "Give the element a class."),
)
"""What Gmail, Outlook, Yahoo and Apple Mail do not show, as of 2026; kept by hand."""

SMALLEST_TEXT = 4.0
"""Pixels below which filters take text for hidden words."""

DARK_GROUND = "#121212"
FAINT_IN_THE_DARK = 3.0
"""Where a client darkens the ground and keeps a text's own colour, a contrast below this is taken for vanished."""
