"""A server process that a test can stop, kill and start again, and that never outlives the test run.

Three things end the children: `stop`/`kill` in the fixtures, `atexit`, and (Linux) the kernel, which kills each child
when the thread that started it ends, so that even a SIGKILL of pytest leaves nothing behind.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

# The kernel binds a child to the *thread* that started it: one thread that lives as long as pytest starts them all.
_starter = ThreadPoolExecutor(max_workers=1, thread_name_prefix="server-starter")
_running: set[Server] = set()
_ports_given: set[int] = set()


class Unavailable(Exception):
    """A real server cannot be had on this machine; the message says why and how to get it."""


class DidNotStart(Exception):
    """A server ended or stayed silent at its start; the message ends with its log."""


def free_port(span: int = 1) -> int:
    """Return the first of `span` adjacent free ports, never given twice in one run.

    They lie below the range that the kernel takes for outgoing connections: a server that is down for a while must
    find its port free when it comes back.
    """
    for _ in range(1000):
        first = random.randrange(20_000, 30_000)
        wanted = range(first, first + span)
        if _ports_given.isdisjoint(wanted) and all(_bindable(port) for port in wanted):
            _ports_given.update(wanted)
            return first
    raise Unavailable("no free port between 20000 and 30000 on 127.0.0.1")


def _bindable(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


class Server:
    """Base of the servers: a folder of its own, a fixed port, a log per start. Used from one thread at a time."""

    name = "server"
    start_seconds = 60.0

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port
        self.starts = 0
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)

    def command(self) -> list[str]:
        """Return the command line; called at each start."""
        raise NotImplementedError

    def environment(self) -> Mapping[str, str]:
        """Return what is added to the environment."""
        return {}

    def answers(self) -> bool:
        """Say whether the server is ready for work."""
        raise NotImplementedError

    @property
    def log(self) -> Path:
        """The output of the latest start."""
        return self.folder / f"{self.name}-{self.starts}.log"

    @property
    def alive(self) -> bool:
        """Whether the process runs (ready or not)."""
        return self._process is not None and self._process.poll() is None

    def launch(self) -> None:
        """Start the process and return at once; does nothing while it runs."""
        if self.alive:
            return
        self.starts += 1
        command, environment = self.command(), {**os.environ, **self.environment()}
        if setpriv := shutil.which("setpriv"):
            command = [setpriv, "--pdeathsig", "KILL", *command]
        with self.log.open("wb") as output:
            self._process = _starter.submit(
                subprocess.Popen,
                command,
                cwd=self.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # a group of its own: a Ctrl-C is not its business, and killpg reaches it all
            ).result()
        _running.add(self)

    def wait_ready(self) -> None:
        """Wait until it answers. Raises DidNotStart with the end of its log."""
        deadline = time.monotonic() + self.start_seconds
        while not self.answers():
            if not self.alive or time.monotonic() > deadline:
                state = "is still silent" if self.alive else "ended"
                self.kill()
                tail = "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-30:])
                raise DidNotStart(f"{self.name} {state} after start number {self.starts}:\n{tail}")
            time.sleep(0.05)

    def start(self) -> None:
        """Start on the same port and data, and wait until it answers."""
        self.launch()
        self.wait_ready()

    def stop(self, seconds: float = 60.0) -> None:
        """End it cleanly (SIGTERM). Data stay."""
        if self._process is not None and self.alive:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(seconds)
        self.kill()

    def kill(self) -> None:
        """End it at once (SIGKILL), with all that it started. Data stay as they are."""
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        _running.discard(self)
        # Grandchildren are reaped by init some time later; their sockets are what a restart waits for.
        deadline = time.monotonic() + 10
        while not _bindable(self.port) and time.monotonic() < deadline:
            time.sleep(0.02)

    def restart(self, *, hard: bool = False) -> None:
        """Stop (or kill, with `hard`) and start again on the same data."""
        if hard:
            self.kill()
        else:
            self.stop()
        self.start()


def kill_all() -> None:
    """Kill every server that runs; called at the end, however the end came."""
    for server in tuple(_running):
        server.kill()


atexit.register(kill_all)
