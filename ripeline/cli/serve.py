"""`ripeline serve`: the web process, for the links in mails."""

from typing import Annotated

import typer

from ripeline.cli import screen


def serve(
    host: Annotated[str | None, typer.Option(help="Listen on this address (RIPELINE_WEB_HOST); 0.0.0.0 listens on all.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Listen on this port (RIPELINE_WEB_PORT); 0: the system chooses.")] = None,
) -> None:
    """Serve the pages that mails link to: unsubscribe (RFC 8058) under /u/, and /healthz for whoever watches.

    The world must reach it under RIPELINE_BASE_URL, by HTTPS: put a proxy in front. Ctrl-C ends it. Nothing here needs Prefect or the mail
    server: an unsubscribe is stored before it is answered.
    """
    from ripeline.web.process import serve_forever

    settings = screen.settings()
    chosen_host, chosen_port = host or settings.web_host, settings.web_port if port is None else port
    serve_forever(settings, chosen_host, chosen_port, ready=lambda at: typer.echo(f"serving on http://{chosen_host}:{at}; Ctrl-C ends it", err=True))
