"""Read feeds in worker processes, each with so much memory and so much time; a feed that takes more fails alone.

Workers are started when they are needed, up to WORKERS, and kept. One that is killed, dies, or has grown is replaced by
the next feed that needs it. Bodies that are large, and addresses whose last body went beyond a limit, share half of the
workers, so that however many of them come at once, the others do not wait behind them.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol

import msgspec
import structlog

from producers.entries import Parsed, Unparsable
from producers.parse_worker import HEAD, OUT_OF_MEMORY, TOO_HEAVY, Job, Outcome, Ready, frame, length_of, needs
from treatywatch.settings import Produce

WORKERS = 4
LARGE = 1_000_000  # bytes of a body
START_SECONDS = 30.0  # how long a worker may take to load its libraries, on a machine that is busy with other things
NO_READER = "no_reader"  # the reason where no worker could be had, which is our fault and not the feed's

log = structlog.get_logger()


class Parses(Protocol):
    """What reads bodies; `ParsePool` does."""

    async def parse(
        self, body: bytes, url: str, content_type: str, language: str = "", page: bool = False
    ) -> Parsed | Unparsable:
        """Read a body that was fetched from `url`, a feed or an article's `page`; every outcome is a value."""


class _DeadError(Exception):
    """A worker that ended before it answered."""


@dataclass
class ParsePool:
    """The workers; used as an async context manager, which kills them at its end."""

    seconds: float
    memory: int
    workers: int = WORKERS
    started: int = field(default=0, init=False)
    _idle: list[_Worker] = field(default_factory=list, init=False)
    _suspects: set[str] = field(default_factory=set, init=False)

    @classmethod
    def of(cls, settings: Produce) -> ParsePool:
        """Make the pool that the settings ask for."""
        return cls(settings.parse_seconds, settings.parse_memory_bytes)

    async def __aenter__(self) -> ParsePool:
        self._places = asyncio.Semaphore(self.workers)
        self._slow_places = asyncio.Semaphore(max(1, self.workers // 2))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        while self._idle:
            await self._idle.pop().kill()

    async def parse(
        self, body: bytes, url: str, content_type: str, language: str = "", page: bool = False
    ) -> Parsed | Unparsable:
        """Read a body as `parse.parse` does, or say which limit it went beyond (`too_heavy`)."""
        slow = self._slow_places if len(body) > LARGE or url in self._suspects else contextlib.nullcontext()
        async with slow, self._places:
            read = await self._read(Job(body, url, content_type, language, page))
        if isinstance(read, Unparsable) and read.reason == TOO_HEAVY:
            self._suspects.add(url)
        else:
            self._suspects.discard(url)
        return read

    async def _read(self, job: Job) -> Parsed | Unparsable:
        try:
            read = await self._once(job)
            return read or await self._once(job) or Unparsable(TOO_HEAVY, "the process that reads it dies of it")
        except (OSError, _DeadError, TimeoutError):
            log.exception("parse_worker_unavailable")
            return Unparsable(NO_READER, "no process to read it in could be started; see the log")

    async def _once(self, job: Job) -> Parsed | Unparsable | None:
        """Read with one worker; none where it died of no limit, which may be no fault of this body."""
        async with self._worker() as worker:
            try:
                async with asyncio.timeout(self.seconds):
                    outcome = await worker.ask(job)
            except TimeoutError:
                return Unparsable(TOO_HEAVY, f"reading it takes more than {self.seconds:g} s")
            except _DeadError:
                status = await worker.status()
                if status == OUT_OF_MEMORY:
                    return Unparsable(TOO_HEAVY, needs(self.memory))
                if status == -getattr(signal, "SIGXCPU", 0):
                    return Unparsable(TOO_HEAVY, f"reading it takes more than {self.seconds:g} s of the processor")
                log.warning("parse_worker_died", status=status, url=job.url)
                return None
            if not outcome.retire:
                self._idle.append(worker)
            return outcome.parsed or outcome.unparsable

    @contextlib.asynccontextmanager
    async def _worker(self) -> AsyncIterator[_Worker]:
        """Lend a worker; unless it is among the idle ones afterwards, it is killed."""
        while self._idle and not self._idle[-1].alive:
            await self._idle.pop().kill()
        if self._idle:
            worker = self._idle.pop()
        else:
            worker = await _Worker.start(self.memory, self.seconds)
            self.started += 1
        try:
            yield worker
        finally:
            if worker not in self._idle:
                await worker.kill()


@dataclass(eq=False)
class _Worker:
    """One process of `parse_worker.py`."""

    process: asyncio.subprocess.Process

    @classmethod
    async def start(cls, memory: int, seconds: float) -> _Worker:
        """Start a process and wait until it has loaded. Raises OSError, _DeadError or TimeoutError."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-B",
            "-m",
            "producers.parse_worker",
            str(memory),
            str(seconds),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=_environment(),
            start_new_session=True,  # Ctrl-C is for the pool, which then kills it
        )
        worker = cls(process)
        try:
            async with asyncio.timeout(START_SECONDS):
                msgspec.msgpack.decode(await worker._answer(), type=Ready)
        except BaseException:
            await worker.kill()
            raise
        return worker

    @property
    def alive(self) -> bool:
        """Whether the process has not ended."""
        return self.process.returncode is None

    async def ask(self, job: Job) -> Outcome:
        """Send a job and wait for its outcome. Raises _DeadError where the process ends before that."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(frame(msgspec.msgpack.encode(job)))
            await self.process.stdin.drain()
        except (BrokenPipeError, ConnectionResetError) as error:
            raise _DeadError from error
        try:
            return msgspec.msgpack.decode(await self._answer(), type=Outcome)
        except (ValueError, msgspec.MsgspecError) as error:  # what came is no answer, so nothing more is believed
            raise _DeadError(str(error)) from error

    async def status(self) -> int:
        """Return how the process ended, having made sure that it has."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):  # its pipe closes a little before it is gone
                return await self.process.wait()
        await self.kill()
        return await self.process.wait()

    async def kill(self) -> None:
        """End the process, whatever it does, and wait until it is gone."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        await asyncio.shield(self.process.wait())

    async def _answer(self) -> bytes:
        assert self.process.stdout is not None
        try:
            head = await self.process.stdout.readexactly(HEAD)
            return await self.process.stdout.readexactly(length_of(head))
        except asyncio.IncompleteReadError as error:
            raise _DeadError("it ended before it answered") from error


def _environment() -> dict[str, str]:
    """Return what a worker is told: where modules are found, and to keep its memory in one arena; no secret of ours."""
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "SYSTEMROOT") if name in os.environ}
    return kept | {"MALLOC_ARENA_MAX": "1", "PYTHONUTF8": "1"}
