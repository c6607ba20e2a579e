"""One instance per state folder, and ports that are free: one clear line instead of a trace where they are not."""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from treatywatch.errors import InstanceError


@contextmanager
def only_instance(state: Path) -> Iterator[None]:
    """Hold the state folder (created if missing) for this process; raises InstanceError where another one has it."""
    try:
        state.mkdir(parents=True, exist_ok=True)
        lock = (state / "lock").open("a+")
    except OSError as error:
        raise InstanceError(
            f"state folder {state} cannot be used: {error.strerror}; choose another with --state"
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            raise InstanceError(
                f"treatywatch already runs here (process {holder}, state folder {state}); "
                "stop it, or give --state another folder"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield  # the lock goes with the file, also after kill -9


def check_port(host: str, port: int, setting: str) -> None:
    """Raise InstanceError where something listens on the port already; port 0 is always free."""
    if port == 0:
        return
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise InstanceError(
                f"port {port} on {host} is taken ({error.strerror}); set {setting} to another one"
            ) from error
