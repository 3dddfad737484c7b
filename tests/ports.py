"""Ports of this machine for what a test starts, and may start again."""

import os
import random
import socket
from collections.abc import Iterator
from contextlib import suppress

_FIRST, _LAST = 20_000, 32_000


def free_port() -> int:
    """Return a port that nobody uses now, and that is given to nobody else.

    It is none of those from which the machine takes one for each connection that is made: it must
    still be free when a bot that died is started again.
    """
    while True:
        port = next(_ports)
        with socket.socket() as listener, suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port


def _ports_of_this_worker() -> Iterator[int]:
    """Yield each port of this process of the test run: what is given is not in use at once."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    own = list(range(_FIRST + number % workers, _LAST, workers))
    random.shuffle(own)
    while True:
        yield from own


_ports = _ports_of_this_worker()
