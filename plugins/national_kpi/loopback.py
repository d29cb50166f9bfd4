"""The loopback interface: everything listens there until a proxy opens it to others."""

import socket
from contextlib import ExitStack

HOST = "127.0.0.1"


def free_ports(count: int) -> list[int]:
    """Ports nobody listens on, all different.

    Args:
        count: how many.
    """
    with ExitStack() as listeners:
        held = [listeners.enter_context(socket.socket()) for _ in range(count)]
        for listener in held:
            listener.bind((HOST, 0))
        return [listener.getsockname()[1] for listener in held]
