"""A mail server that keeps every mail as a file and passes none on: for the demonstration, the laptop and tests.

Start it inside a process (`with Sink(folder) as sink:`) or as one: `python -m ripeline.connect.sink --folder var/sink`.
"""

import argparse
import asyncio
import signal
import threading
from itertools import count
from pathlib import Path
from types import TracebackType

from aiosmtpd.smtp import SMTP, Envelope, Session

from ripeline.connect.listening import listen, port_of
from ripeline.values import Refusal

HOST = "127.0.0.1"


class Keeper:
    """Writes each mail to `new/` of a Maildir, whole or not at all. The same mail taken twice is two files: it hides nothing."""

    def __init__(self, folder: Path) -> None:
        self._tmp, self._new = folder / "tmp", folder / "new"
        try:
            for part in (self._tmp, self._new, folder / "cur"):
                part.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Refusal(f"cannot keep mail in {folder} ({error.strerror}): make it writable or name another folder", 3) from error
        self._numbers = count(1 + max((int(file.name[:8]) for file in self._new.glob("[0-9]" * 8 + ".eml")), default=0))

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep one mail, with its envelope on top as X-RcptTo and X-MailFrom."""
        name = f"{next(self._numbers):08d}.eml"
        wrapper = f"X-MailFrom: {envelope.mail_from}\r\nX-RcptTo: {', '.join(envelope.rcpt_tos)}\r\n"
        content = envelope.content if isinstance(envelope.content, bytes) else (envelope.content or "").encode()
        try:
            (self._tmp / name).write_bytes(wrapper.encode() + content)
            (self._tmp / name).rename(self._new / name)
        except OSError as error:
            return f"452 4.3.1 cannot keep the mail: {error.strerror}"
        return "250 2.0.0 kept"


class Sink:
    """The mail server in a thread of its own, listening from `__enter__` to `__exit__`. Port 0: the system chooses; see `port`."""

    def __init__(self, folder: Path, host: str = HOST, port: int = 0) -> None:
        self._keeper = Keeper(folder)
        self._socket = listen(host, port, "the mail sink")
        self._loop = asyncio.new_event_loop()
        self.host, self.port = host, port_of(self._socket)
        self._thread = threading.Thread(target=self._run, name="mail sink", daemon=True)

    def __enter__(self) -> "Sink":
        # Listening before the thread runs: whoever connects next finds it, and a stop can only meet a running loop.
        self._server = self._loop.run_until_complete(self._loop.create_server(self._dialogue, sock=self._socket))
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _run(self) -> None:
        try:
            self._loop.run_forever()
        finally:
            self._server.close()
            self._loop.run_until_complete(_ended(asyncio.all_tasks(self._loop)))
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()

    def _dialogue(self) -> SMTP:
        # aiosmtpd would ask the network for a host name where none is given.
        return SMTP(self._keeper, hostname="sink.localhost", ident="Ripeline sink", enable_SMTPUTF8=True, loop=self._loop)


async def _ended(tasks: set[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def main() -> None:
    """Run the sink in the foreground until Ctrl-C or SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m ripeline.connect.sink", description="Keep every mail as a file; pass none on.")
    parser.add_argument("--folder", type=Path, default=Path("var/sink"), help="Maildir folder (default: %(default)s)")
    parser.add_argument("--host", default=HOST)
    parser.add_argument("--port", type=int, default=8325, help="0: the system chooses (default: %(default)s)")
    chosen = parser.parse_args()
    stopped = threading.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: stopped.set())
    try:
        with Sink(chosen.folder, chosen.host, chosen.port) as sink:
            parser._print_message(f"mail sink on {sink.host}:{sink.port}, keeping every mail in {chosen.folder}/new\n")
            stopped.wait()
    except Refusal as refusal:
        parser.exit(refusal.exit_code, f"{refusal}\n")


if __name__ == "__main__":
    main()
