"""Waiting for real servers and processes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


def eventually(holds: Callable[[], bool], seconds: float, what: str) -> None:
    """Return once something holds; fails the test where it does not within so many seconds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"after {seconds} s still not: {what}"
        time.sleep(0.1)


class Noticed(threading.Event):
    """A stop event that says, by `waited`, when somebody has waited on it: the store was found not to be ready."""

    def __init__(self) -> None:
        super().__init__()
        self.waited = threading.Event()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait, and say so."""
        self.waited.set()
        return super().wait(timeout)
