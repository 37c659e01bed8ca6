"""The way out: GET shows a page and changes nothing, POST acts, done before it is answered (RFC 8058)."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from sqlmodel import Session

from ripeline.database import database_now, open_session
from ripeline.links import read_unsubscribe
from ripeline.settings import Settings
from ripeline.sweep.unsubscribe import Reader, reader_of, take_off
from ripeline.web.pages import page_for, unknown_page


def router(settings: Settings) -> APIRouter:
    """Return the routes below /u/."""
    routes = APIRouter()

    @routes.api_route("/u/{token}", methods=["GET", "HEAD"])
    def show(token: str, request: Request) -> Response:
        """Ask whether to unsubscribe. Scanners open every link: opening must do nothing."""
        with open_session(settings.url, writes=False) as session:
            reader = _reader(session, settings, token)
            if reader is None:
                return unknown_page(session, settings, request.headers.get("accept-language", ""))
            return HTMLResponse(page_for(session, settings, "web/unsubscribe.html", reader))

    @routes.post("/u/{token}")
    def act(token: str, request: Request) -> Response:
        """Unsubscribe whoever the link belongs to, whatever the body says; again, it changes nothing."""
        with open_session(settings.url) as session:
            reader = _reader(session, settings, token)
            if reader is None:
                return unknown_page(session, settings, request.headers.get("accept-language", ""))
            take_off(session, reader, now=database_now(session), pepper=settings.key)
            return HTMLResponse(page_for(session, settings, "web/unsubscribed.html", reader))

    return routes


def _reader(session: Session, settings: Settings, token: str) -> Reader | None:
    about = read_unsubscribe(settings, token)
    return None if about is None else reader_of(session, about)
