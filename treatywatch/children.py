"""Child processes of `treatywatch up`: started apart from the terminal, started again when they end, stopped in order.

A child gets no Ctrl-C of its own (it runs in its own session), so the supervisor decides the order of stopping; and it
does not outlive the supervisor, however that ends: Linux kills it (PR_SET_PDEATHSIG), and a role watches its parent
itself for the sake of macOS (`watch_parent`).
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

PARENT = "TREATY_PARENT"  # not a setting: tells a role whose child it is
_PR_SET_PDEATHSIG = 1
_SOON = 10.0  # a child that ends within this many seconds of its start waits before the next one


class Child:
    """One child process, its log file, and when to start it again. Used from one thread."""

    def __init__(
        self, name: str, argv: list[str], environment: Mapping[str, str], log: Path, *, stdin: bool = False
    ) -> None:
        """`stdin` passes our standard input on; every other child has none."""
        self.name, self.argv, self.environment, self.log, self._stdin = name, argv, dict(environment), log, stdin
        self.process: subprocess.Popen[bytes] | None = None
        self.restarts = 0
        self.finished = False  # ended and not to be started again
        self._started = 0.0
        self._again_at = 0.0

    def start(self) -> None:
        """Start the process; its standard error is appended to the log file."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603  # our own command line
                self.argv,
                stdin=None if self._stdin else subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self.environment | {PARENT: str(os.getpid())},
                start_new_session=True,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )
        self._started = time.monotonic()

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self.process is not None and self.process.poll() is None

    @property
    def status(self) -> int | None:
        """The exit status, none while it runs."""
        return None if self.process is None else self.process.poll()

    def revive(self) -> int | None:
        """Start the process again if it has ended; returns the status it ended with, once for each end.

        One that ends soon after its start waits longer each time, up to 30 s.
        """
        if self.finished or self.process is None or self.alive:
            return None
        now = time.monotonic()
        if self._again_at == 0.0:
            soon = now - self._started < _SOON
            self.restarts = self.restarts + 1 if soon else 1
            self._again_at = now + (min(30.0, 0.5 * 2.0**self.restarts) if soon else 0.0)
            return self.status
        if now >= self._again_at:
            self._again_at = 0.0
            self.start()
        return None

    def ask_to_stop(self) -> None:
        """Ask the process to end, without waiting; it is not started again."""
        self.finished = True
        if self.process is not None and self.alive:
            self.process.terminate()

    def stop(self, seconds: float) -> None:
        """Ask the process to end, wait, and kill what has not ended then, with everything that it started."""
        self.ask_to_stop()
        if self.process is None:
            return
        if self.alive:
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                _kill_group(self.process.pid)
                self.process.wait()
        _kill_group(self.process.pid)

    def tail(self, lines: int = 5) -> str:
        """Return the last lines of the log, for an error message."""
        try:
            return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
        except OSError:
            return ""


def watch_parent(leave: Callable[[], None]) -> None:
    """In a role that `up` started: call `leave` when the supervisor has gone. Does nothing in any other process."""
    parent = os.environ.get(PARENT)
    if not parent:
        return

    def watch() -> None:
        while os.getppid() == int(parent):
            time.sleep(1.0)
        leave()

    threading.Thread(target=watch, name="watch parent", daemon=True).start()


def _die_with_parent() -> None:
    # Runs in the child between fork and exec. A TERM, so that a role closes its files; a broker just ends.
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)  # the child leads its own group
