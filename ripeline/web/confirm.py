"""Double opt-in: GET shows a page and changes nothing, since scanners open every link; POST confirms, done before it is answered."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from sqlmodel import Session

from ripeline.database import database_now, open_session
from ripeline.links import read_confirm
from ripeline.settings import Settings
from ripeline.sweep.opt_in import Answer, answer_now, confirm, request_of
from ripeline.sweep.unsubscribe import Reader
from ripeline.web.pages import page_for, unknown_page

PAGES = {Answer.OPEN: ("web/confirm.html", 200), Answer.DONE: ("web/confirmed.html", 200), Answer.LATE: ("web/confirm-late.html", 410)}


def router(settings: Settings) -> APIRouter:
    """Return the routes below /c/."""
    routes = APIRouter()

    @routes.api_route("/c/{token}", methods=["GET", "HEAD"])
    def show(token: str, request: Request) -> Response:
        """Ask whether it was really the reader who asked."""
        with open_session(settings.url, writes=False) as session:
            return _answer(session, settings, token, request, acts=False)

    @routes.post("/c/{token}")
    def act(token: str, request: Request) -> Response:
        """Confirm, whatever the body says; again, it changes nothing."""
        with open_session(settings.url) as session:
            return _answer(session, settings, token, request, acts=True)

    return routes


def _answer(session: Session, settings: Settings, token: str, request: Request, *, acts: bool) -> Response:
    told = read_confirm(settings, token)
    asked = None if told is None else request_of(session, told[0])
    if told is None or asked is None:
        return unknown_page(session, settings, request.headers.get("accept-language", ""))
    now, until = database_now(session), told[1]
    answer = confirm(session, asked, until, now=now, pepper=settings.key) if acts else answer_now(session, asked, until, now)
    path, status = PAGES[answer]
    return HTMLResponse(page_for(session, settings, path, Reader(asked.lead, asked.message)), status_code=status)
