"""The program that reads feeds in a process of its own: `python -m producers.parse_worker MEMORY SECONDS`.

A feed is hostile input to a large library. Here it can use up memory, run for ever or crash the interpreter, and take
nothing with it but this process: `parse_pool.py` starts it, feeds it and kills it. It has no secrets (its environment
is empty), writes no file, and ends when its standard input does, so it outlives nobody.

A frame is four bytes of length and a msgpack body: first one `Ready`, then a `Job` in and an `Outcome` out, in turn.
"""

from __future__ import annotations

import contextlib
import math
import os
import struct
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import msgspec

from producers.entries import Parsed, Unparsable
from producers.pages import read_page
from producers.parse import parse

if sys.platform != "win32":
    import resource

TOO_HEAVY = "too_heavy"  # the reason of a feed that took more than it may
OUT_OF_MEMORY = 71  # the status with which the worker ends where only its watch has noticed
MAX_FRAME = 100_000_000  # bytes; an answer cannot grow beyond what 2,000 capped entries hold
_LENGTH = struct.Struct(">I")
_WATCH_SECONDS = 0.02


class Ready(msgspec.Struct, frozen=True):
    """Everything is loaded; what follows is the cost of feeds alone."""

    resident: int  # bytes


class Job(msgspec.Struct, frozen=True):
    """One body to read, as `parse.parse` takes it."""

    body: bytes
    url: str
    content_type: str
    language: str = ""
    page: bool = False  # the page of an article, for `pages.read_page`


class Outcome(msgspec.Struct, frozen=True):
    """What came of it, one of the two; `retire` says that this process has grown and should be replaced."""

    parsed: Parsed | None
    unparsable: Unparsable | None
    retire: bool


@dataclass(frozen=True, slots=True)
class Confines:
    """What one body may take: bytes of memory beyond what the worker has at its start, and seconds of processor."""

    memory: int
    seconds: float


def work(source: BinaryIO, sink: BinaryIO, confines: Confines, address_space: bool = True) -> None:
    """Answer jobs until `source` ends. `address_space` off leaves memory to the watch, as on systems without a limit.

    Linux refuses memory beyond the limit (RLIMIT_AS), which the library sees as an error. macOS accepts such a limit
    and ignores it; there, and everywhere else beside it, a watch looks at the resident memory fifty times a second and
    ends the process.
    """
    base = resident()
    if address_space:
        _limit_address_space(confines.memory)
    watch = Watch(base + confines.memory)
    _write(sink, msgspec.msgpack.encode(Ready(base)))
    while (frame := _read(source)) is not None:
        job = msgspec.msgpack.decode(frame, type=Job)
        _limit_processor(confines.seconds)
        with watch:
            answer = _answer(job, confines, base)
        _write(sink, answer)


def _answer(job: Job, confines: Confines, base: int) -> bytes:
    try:
        read = read_page(job.body, job.url) if job.page else parse(job.body, job.url, job.content_type, job.language)
        parsed, unparsable = (read, None) if isinstance(read, Parsed) else (None, read)
        grown = resident() - base > confines.memory // 4
        answer = msgspec.msgpack.encode(Outcome(parsed, unparsable, retire=grown))
        if len(answer) <= MAX_FRAME:
            return answer
        why = Unparsable(TOO_HEAVY, f"its entries hold more than {MAX_FRAME // 1_000_000} MB")
    except MemoryError:
        why = Unparsable(TOO_HEAVY, needs(confines.memory))
    except Exception as error:  # whatever a feed does to the reader is the feed's failure
        why = Unparsable("malformed", f"{type(error).__name__}: {error}"[:300])
    return msgspec.msgpack.encode(Outcome(None, why, retire=True))


def needs(memory: int) -> str:
    """Say that reading took more memory than it may."""
    return f"reading it needs more than {memory // 1_000_000} MB of memory"


class Watch:
    """A thread that ends the process when its resident memory passes a limit; it looks only inside the `with`."""

    def __init__(
        self, limit: int, look: Callable[[], int] | None = None, end: Callable[[int], object] = os._exit
    ) -> None:
        self._limit, self._look, self._end = limit, look or resident, end
        self._busy = threading.Event()
        threading.Thread(target=self._watch, name="memory watch", daemon=True).start()

    def __enter__(self) -> None:
        self._busy.set()

    def __exit__(self, *_: object) -> None:
        self._busy.clear()

    def _watch(self) -> None:
        while self._busy.wait():
            if self._look() > self._limit:
                self._end(OUT_OF_MEMORY)
                return
            time.sleep(_WATCH_SECONDS)


def resident() -> int:
    """Return the bytes of memory that this process holds; where only the most it ever held is told, that."""
    if sys.platform == "linux":
        return _pages()[1]
    if sys.platform == "win32":
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS


def _pages() -> tuple[int, int]:
    """Return (address space, resident memory) in bytes. Linux only: getrusage there begins with the parent's figure."""
    size, held = Path("/proc/self/statm").read_text(encoding="ascii").split()[:2]
    page = os.sysconf("SC_PAGE_SIZE")
    return int(size) * page, int(held) * page


def _limit_address_space(memory: int) -> None:
    if sys.platform == "linux":
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (_at_most(_pages()[0] + memory, hard), hard))


def _limit_processor(seconds: float) -> None:
    """Let the system kill this process after so many more seconds of work; the pool's deadline comes first."""
    if sys.platform != "win32":
        used = resource.getrusage(resource.RUSAGE_SELF)
        soft = math.ceil(used.ru_utime + used.ru_stime + seconds) + 1
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (_at_most(soft, hard), hard))


def _die_first() -> None:
    """Where the machine or the container runs out of memory, Linux shall take this process, not the producer."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


def _limit_files() -> None:
    """No core dumps, and no file is written, whatever the body makes of the library."""
    if sys.platform != "win32":
        for limit in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE):
            resource.setrlimit(limit, (0, 0))


def _at_most(wanted: int, hard: int) -> int:
    return wanted if sys.platform == "win32" or hard == resource.RLIM_INFINITY else min(wanted, hard)


def frame(body: bytes) -> bytes:
    """Put the length before a message."""
    return _LENGTH.pack(len(body)) + body


def length_of(head: bytes) -> int:
    """Read the four bytes before a message. Raises ValueError for one that nobody would send."""
    length = int(_LENGTH.unpack(head)[0])
    if length > MAX_FRAME:
        raise ValueError(f"a frame of {length} bytes")
    return length


HEAD = _LENGTH.size


def _read(source: BinaryIO) -> bytes | None:
    head = source.read(HEAD)
    if len(head) < HEAD:
        return None
    body = source.read(_LENGTH.unpack(head)[0])
    return body if len(body) == _LENGTH.unpack(head)[0] else None


def _write(sink: BinaryIO, body: bytes) -> None:
    sink.write(frame(body))
    sink.flush()


def main(arguments: list[str]) -> None:
    """Serve the pool on standard input and output. What a library prints goes nowhere."""
    sink = os.fdopen(os.dup(1), "wb")
    _die_first()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    _limit_files()
    work(sys.stdin.buffer, sink, Confines(int(arguments[0]), float(arguments[1])))


if __name__ == "__main__":
    main(sys.argv[1:])
