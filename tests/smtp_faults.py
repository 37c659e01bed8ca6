"""A mail server that fails as it is told, on loopback, at a port the system chooses. Its log of 2yz answers is the referee.

Phases: banner, ehlo, mail, rcpt, data, body (in the middle of the text), dot (instead of the answer to it).
Acts: `close`, `stall` (no answer until the server stops), an answer such as `451 4.3.0 busy`, or a function to call first.
"""

import email
import hashlib
import socket
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from email.policy import default
from types import TracebackType

from waiting import PATIENCE

Act = str | Callable[[], None]

NORMAL = {
    "banner": "220 faults ESMTP",
    "ehlo": "250-faults\r\n250 8BITMIME",
    "mail": "250 2.1.0 ok",
    "rcpt": "250 2.1.5 ok",
    "data": "354 go on",
    "dot": "250 2.0.0 taken",
}
VERBS = {"EHLO": "ehlo", "HELO": "ehlo", "MAIL": "mail", "RCPT": "rcpt", "DATA": "data"}


def patience(act: str | None) -> dict[str, float]:
    """Return for how many seconds a client waits: long, so that slow machines agree, but for a server that stalls."""
    return {"timeout_seconds": 3, "dot_timeout_seconds": 1} if act == "stall" else {"timeout_seconds": PATIENCE, "dot_timeout_seconds": PATIENCE}


@dataclass
class Fault:
    """What happens at a phase: `times` None means always; `recipient` None means for everybody."""

    phase: str
    act: Act
    times: int | None = None
    recipient: str | None = None


@dataclass(frozen=True)
class Taken:
    """One mail answered with 2yz."""

    mail_id: str
    recipient: str
    sha256: str


@dataclass
class Dialogue:
    """What one connection knows."""

    socket: socket.socket
    recipient: str = ""
    buffer: bytes = b""

    def line(self) -> bytes | None:
        """Return the next line with its end; None where the client is gone."""
        while b"\r\n" not in self.buffer:
            more = self.socket.recv(65536)
            if not more:
                return None
            self.buffer += more
        line, _, self.buffer = self.buffer.partition(b"\r\n")
        return line + b"\r\n"


class HungUp(Exception):
    """The connection is over."""


@dataclass
class FaultServer:
    """Listens from `__enter__` to `__exit__`."""

    faults: list[Fault] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    def __enter__(self) -> "FaultServer":
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._start(self._listen)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stopped.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        for each in self._open:
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # the client was faster
        for thread in self._threads:
            thread.join(timeout=10)
        self._listener.close()

    @property
    def counts(self) -> Counter[str]:
        """Return how often each Message-ID was answered with 2yz."""
        with self._lock:
            return Counter(taken.mail_id for taken in self.taken)

    def _start(self, target: Callable[..., None], *given: object) -> None:
        thread = threading.Thread(target=target, args=given, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _listen(self) -> None:
        while not self._stopped.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        dialogue = Dialogue(connection)
        with connection:
            try:
                self._say(dialogue, "banner")
                while (line := dialogue.line()) is not None:
                    self._answer(dialogue, line.decode("utf-8"))
            except (HungUp, OSError):
                return

    def _answer(self, dialogue: Dialogue, line: str) -> None:
        verb = line[:4].upper()
        if verb == "QUIT":
            raise HungUp
        if verb == "RCPT":
            dialogue.recipient = line[line.index("<") + 1 : line.index(">")]
        answer = self._say(dialogue, VERBS[verb]) if verb in VERBS else self._send(dialogue, "250 2.0.0 ok")
        if answer.startswith("354"):
            self._take(dialogue)

    def _take(self, dialogue: Dialogue) -> None:
        self._say(dialogue, "body")
        text = b""
        while (line := dialogue.line()) != b".\r\n":
            if line is None:
                raise HungUp
            text += line.removeprefix(b".") if line.startswith(b"..") else line
        act = self._fault(dialogue, "dot")
        if act is None or act.startswith("2"):
            mail_id = str(email.message_from_bytes(text, policy=default)["Message-ID"])
            with self._lock:
                self.taken.append(Taken(mail_id, dialogue.recipient, hashlib.sha256(text).hexdigest()))
        self._do(dialogue, act or NORMAL["dot"])

    def _say(self, dialogue: Dialogue, phase: str) -> str:
        return self._do(dialogue, self._fault(dialogue, phase) or NORMAL.get(phase, ""))

    def _do(self, dialogue: Dialogue, act: str) -> str:
        if act == "close":
            raise HungUp
        if act == "stall":
            self._stopped.wait(30)
            raise HungUp
        if act == "taken, then close":
            raise HungUp
        return self._send(dialogue, act)

    def _send(self, dialogue: Dialogue, answer: str) -> str:
        if answer:
            dialogue.socket.sendall(answer.encode() + b"\r\n")
            if answer.startswith("421"):
                raise HungUp
        return answer

    def _fault(self, dialogue: Dialogue, phase: str) -> str | None:
        with self._lock:
            fault = next((each for each in self.faults if each.phase == phase and each.times != 0 and each.recipient in (None, dialogue.recipient)), None)
            if fault is None:
                return None
            if fault.times is not None:
                fault.times -= 1
        if callable(fault.act):
            fault.act()
            return None
        return fault.act
