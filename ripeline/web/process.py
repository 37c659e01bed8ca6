"""The web server as a process of its own."""

from collections.abc import Callable

import uvicorn

from ripeline.connect.listening import listen, port_of
from ripeline.database import engine_for
from ripeline.settings import Settings
from ripeline.web.app import create_app


class _Server(uvicorn.Server):
    """Says that it serves when it does: from then on Ctrl-C and SIGTERM end it, even where a shell lets its background jobs ignore Ctrl-C."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def main_loop(self) -> None:
        self._ready()
        await super().main_loop()


def serve_forever(settings: Settings, host: str, port: int, *, ready: Callable[[int], None]) -> None:
    """Serve until Ctrl-C or SIGTERM; call `ready` with the port once it answers. A port that is taken, or what is no database URL, raises Refusal.

    A database that is down may come back: every page says so meanwhile.
    """
    engine_for(settings.url)
    # No access log: paths hold tokens, and a token is as good as the mail it came in.
    config = uvicorn.Config(create_app(settings), access_log=False, server_header=False, log_level="warning", proxy_headers=False)
    with listen(host, port, "the web process") as listening:
        _Server(config, lambda: ready(port_of(listening))).run(sockets=[listening])
