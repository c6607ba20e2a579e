"""Run treatywatch commands as a user does: as processes, with a state folder and settings of their own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path


def free_port() -> int:
    """Return a port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Return this process's environment with exactly these settings of ours."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("TREATYWATCH_", "TREATY_PARENT"))}
    return own | dict(settings)


class Command:
    """One `treatywatch` command. Its output goes to a file, `output()` reads it."""

    def __init__(self, folder: Path, *args: str, settings: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / f"{args[0]}-{time.monotonic_ns()}.out"
        with self.path.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "treatywatch", *args],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=environment(settings or {}),
                start_new_session=True,
            )

    def output(self) -> str:
        """Return what it has printed so far."""
        return self.path.read_text(encoding="utf-8", errors="replace")

    def wait(self, seconds: float) -> int:
        """Wait for its end and return the exit status; fails the test, with the output, where it does not end."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"not ended after {seconds} s:\n{self.output()[-4000:]}") from None

    def wait_for(self, holds: Callable[[], bool], seconds: float, what: str) -> None:
        """Wait until something holds; fails where it does not in time or where the command ends before."""
        deadline = time.monotonic() + seconds
        while not holds():
            assert self.process.poll() is None, (
                f"ended with {self.process.poll()} before {what}:\n{self.output()[-4000:]}"
            )
            assert time.monotonic() < deadline, f"after {seconds} s still not: {what}\n{self.output()[-4000:]}"
            time.sleep(0.05)

    def interrupt(self) -> None:
        """Send what Ctrl-C sends."""
        self.process.send_signal(signal.SIGINT)

    def terminate(self) -> None:
        """Send SIGTERM."""
        self.process.terminate()

    def kill(self) -> None:
        """End it the hard way."""
        self.process.kill()
        self.process.wait()


def processes_of(state: Path) -> list[int]:
    """Return the ids of all live processes that work in this state folder: roles by their environment, and `up`."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            words = (entry / "environ").read_bytes().split(b"\0") + (entry / "cmdline").read_bytes().split(b"\0")
            zombie = (entry / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
        except (OSError, IndexError):
            continue
        wanted = str(state).encode()
        if not zombie and any(word.rpartition(b"=")[2].startswith(wanted) for word in words):
            found.append(int(entry.name))
    return found


def kill_everything(state: Path) -> int:
    """Kill every process of this state folder at one moment: all are stopped first, then killed. Returns how many."""
    victims: list[int] = []
    while fresh := [pid for pid in processes_of(state) if pid not in victims]:
        for pid in fresh:
            _signal(pid, signal.SIGSTOP)
        victims += fresh
    for pid in victims:
        _signal(pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while processes_of(state) and time.monotonic() < deadline:
        time.sleep(0.05)
    return len(victims)


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
