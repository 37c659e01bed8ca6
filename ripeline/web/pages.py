"""Pages of the web process, written like letters: from the applied playbook, in the reader's language."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict

from fastapi import Response
from fastapi.responses import HTMLResponse
from sqlmodel import Session

from models import PlaybookVersion
from ripeline.letter.catalogue import SOURCE_LOCALE
from ripeline.letter.locales import choose_locale
from ripeline.letter.writing import complete_locales, write_page
from ripeline.playbook.applied import live_hash
from ripeline.playbook.files import read_folder
from ripeline.render import RenderError
from ripeline.settings import Settings
from ripeline.sweep.deliver.sender import sender_of
from ripeline.sweep.unsubscribe import Reader

log = logging.getLogger(__name__)

PLAIN = {
    "web/unsubscribe.html": ("Stop receiving our messages?", '<form method="post"><button type="submit">Unsubscribe</button></form>'),
    "web/unsubscribed.html": ("You are unsubscribed", ""),
    "web/confirm.html": ("Confirm your address?", '<form method="post"><button type="submit">Yes, confirm my address</button></form>'),
    "web/confirmed.html": ("Thank you, your address is confirmed", ""),
    "web/confirm-late.html": ("This link is no longer valid", "<p>Please enter your address on our website once more.</p>"),
    "web/unknown-link.html": ("This link does not work", "<p>Please open it once more from the message you received.</p>"),
}
"""What stands in for a page whose template is broken: nobody's way in or out may hang on a typo."""


def page_for(session: Session, settings: Settings, path: str, reader: Reader) -> str:
    """Return a page in the language of the message whose link was opened, else in the lead's."""
    lead, spoken = reader.lead, reader.message.locale if reader.message else None
    return _page(session, settings, path, lambda have: spoken if spoken in have else choose_locale(lead.locale, lead.country, have, SOURCE_LOCALE)[0])


def page_for_anybody(session: Session, settings: Settings, path: str, accepted_languages: str) -> str:
    """Return a page in the first language that a browser asks for (RFC 9110 12.5.4), if we have it."""
    wanted = accepted_languages.split(",")[0].split(";")[0].strip()
    return _page(session, settings, path, lambda have: choose_locale(wanted, None, have, SOURCE_LOCALE)[0])


def unknown_page(session: Session, settings: Settings, accepted_languages: str) -> Response:
    """Answer every link that is none of ours the same, so that nobody learns what is wrong with a forged one."""
    return HTMLResponse(page_for_anybody(session, settings, "web/unknown-link.html", accepted_languages), status_code=404)


def _page(session: Session, settings: Settings, path: str, chosen: Callable[[tuple[str, ...]], str | None]) -> str:
    try:
        files = _live_files(session, settings)
        locale = chosen(complete_locales(files, path)) or SOURCE_LOCALE
        return write_page(files, path, locale, {"sender": asdict(sender_of(settings, is_sink=True))})
    except RenderError as error:
        log.warning("the page %s shows its plain stand-in: %s", path, error)
        heading, content = PLAIN[path]
        return f"<!doctype html><html lang=en><title>{heading}</title><h1>{heading}</h1>{content}</html>"


def _live_files(session: Session, settings: Settings) -> Mapping[str, str]:
    """Return the files of the live version, the same mapping each time: pages are compiled once for each, by identity."""
    live = live_hash(session) or ""
    if live not in _kept:
        files = session.get_one(PlaybookVersion, live).files if live else read_folder(settings.home)
        _kept.clear()
        _kept[live] = dict(files)
    return _kept[live]


_kept: dict[str, Mapping[str, str]] = {}
