"""Listening on a port of this machine."""

import socket

from ripeline.values import Refusal


def listen(host: str, port: int, who: str) -> socket.socket:
    """Return a socket that listens there; port 0: the system chooses. One that is taken raises Refusal, which says `who` wants it."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise Refusal(f"{who} cannot listen on {host}:{port} ({error.strerror or error}): stop what does, or choose another port", 3) from error


def port_of(listening: socket.socket) -> int:
    """Return the port it listens on."""
    return int(listening.getsockname()[1])
