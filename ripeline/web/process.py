"""The web server as a process of its own."""

from collections.abc import Callable

import uvicorn

from ripeline.connect.listening import listen, port_of
from ripeline.settings import Settings
from ripeline.web.app import create_app


def serve_forever(settings: Settings, host: str, port: int, *, ready: Callable[[int], None]) -> None:
    """Serve until Ctrl-C or SIGTERM; call `ready` with the port once it listens. A port that is taken raises Refusal."""
    # No access log: paths hold tokens, and a token is as good as the mail it came in.
    config = uvicorn.Config(create_app(settings), access_log=False, server_header=False, log_level="warning", proxy_headers=False)
    listening = listen(host, port, "the web process")
    with listening:
        ready(port_of(listening))
        uvicorn.Server(config).run(sockets=[listening])
