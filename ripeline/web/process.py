"""The web server as a process of its own."""

import socket
from collections.abc import Callable

import uvicorn

from ripeline.settings import Settings
from ripeline.values import Refusal
from ripeline.web.app import create_app


def serve_forever(settings: Settings, host: str, port: int, *, ready: Callable[[int], None]) -> None:
    """Serve until Ctrl-C or SIGTERM; call `ready` with the port once it listens. A port that is taken raises Refusal."""
    # No access log: paths hold tokens, and a token is as good as the mail it came in.
    config = uvicorn.Config(create_app(settings), access_log=False, server_header=False, log_level="warning", proxy_headers=False)
    try:
        listening = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise Refusal(f"cannot listen on {host}:{port} ({error.strerror or error}): stop what does, or choose another --port", 3) from error
    with listening:
        ready(int(listening.getsockname()[1]))
        uvicorn.Server(config).run(sockets=[listening])
