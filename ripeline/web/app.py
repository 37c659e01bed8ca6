"""The web application: its routes, and the headers that every answer carries."""

import logging
from collections.abc import Awaitable, Callable

import sqlalchemy as sa
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from ripeline.database import open_session
from ripeline.settings import Settings
from ripeline.values import Refusal
from ripeline.web import confirm, unsubscribe

log = logging.getLogger(__name__)

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}
"""No page of ours is stored, framed, indexed, or tells where its reader came from: its address holds a token."""


def create_app(settings: Settings) -> FastAPI:
    """Return the web application on the database of these settings."""
    # No /docs: its page loads scripts from a host that is not ours.
    app = FastAPI(title="Ripeline", docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(unsubscribe.router(settings))
    app.include_router(confirm.router(settings))

    @app.get("/healthz")
    def healthz() -> Response:
        """Answer 200 while the database can be asked, 503 otherwise."""
        try:
            with open_session(settings.url, writes=False) as session:
                session.execute(sa.text("SELECT 1"))
        except Refusal:
            return JSONResponse({"status": "the database is out of reach"}, status_code=503)
        return JSONResponse({"status": "ok"})

    @app.exception_handler(Refusal)
    def out_of_order(request: Request, refusal: Exception) -> Response:
        """Say that it did not work, so that whoever asked tries again; the reason is for the log."""
        log.error("%s failed: %s", request.method, refusal)
        return PlainTextResponse("This did not work. Please try again in a minute.", status_code=503, headers={"Retry-After": "60"})

    @app.middleware("http")
    async def with_headers(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await answer(request)
        response.headers.update(HEADERS)
        return response

    return app
