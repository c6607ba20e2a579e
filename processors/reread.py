"""Read a long run of items with today's detector, on several cores: same results in the same order as on one.

Detection has no memory, so batches of items are independent; tracking, which has, stays in the caller's process and
costs little, because few items give a signal. A batch travels as one piece of bytes, and only what matters comes back.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from pathlib import Path
from typing import Protocol

import msgspec

from processors.detect.pipeline import Detection, load_detector
from treatywatch import wire
from treatywatch.children import PARENT, watch_parent
from treatywatch.errors import TreatywatchError, WireError
from treatywatch.item_lines import DEFAULT_LANGUAGE, read_line
from treatywatch.model import Item, Signal

BATCH = 400  # items that travel together: some 1.5 MB, a twentieth of a second of work
ALONE = 3 * BATCH  # so few items are read before other processes would be ready
AHEAD = 3  # batches on their way for each process


class Said(msgspec.Struct, frozen=True, array_like=True):
    """What one item gave, where it gave anything: signals, a later moment than all before it in its batch, or trouble.

    `place` counts the items from 0. `reason` and `error` are of an item that cannot be read, `warnings` of one whose
    date cannot.
    """

    place: int
    published: datetime | None = None
    item: str = ""
    revision: int = 1
    signals: tuple[Signal, ...] = ()
    warnings: tuple[str, ...] = ()
    reason: str = ""
    error: str = ""


class Reads(Protocol):
    """What reading needs of a detector."""

    def read(self, item: Item) -> Detection:
        """Judge one item; see processors/detect/pipeline.py."""
        ...


class Form(Protocol):
    """How an item is written: `Lines` or `Records`. Travels to the processes."""

    def read(self, data: bytes, warnings: list[str]) -> Item | tuple[str, str]:
        """Read it; where it cannot be read give reason and error."""
        ...


@dataclass(frozen=True, slots=True)
class Lines:
    """Item lines (treatywatch/item_lines.py) of a file; `now` decides which dates lie in the future."""

    source: str
    now: datetime

    def read(self, data: bytes, warnings: list[str]) -> Item | tuple[str, str]:
        """Read one line."""
        read = read_line(data, source=self.source, warn=warnings.append, now=self.now)
        return read if isinstance(read, Item) else (read.reason, read.error)


@dataclass(frozen=True, slots=True)
class Records:
    """Records of the topic `items`."""

    def read(self, data: bytes, warnings: list[str]) -> Item | tuple[str, str]:
        """Read one record."""
        try:
            return wire.decode(data, Item)
        except WireError as error:
            return error.reason, str(error)


def read_batch(detector: Reads, form: Form, batch: Sequence[bytes], first: int, keep: frozenset[str]) -> list[Said]:
    """Read a batch whose first item has the place `first`; items in `keep` are said whatever they give."""
    out: list[Said] = []
    latest: datetime | None = None
    for place, data in enumerate(batch, first):
        warnings: list[str] = []
        item = form.read(data, warnings)
        if isinstance(item, tuple):
            out.append(Said(place, warnings=tuple(warnings), reason=item[0], error=item[1]))
            continue
        signals = detector.read(item).signals
        later = item.published is not None and (latest is None or item.published > latest)
        if signals or later or warnings or item.id in keep:
            latest = item.published if later else latest
            out.append(Said(place, item.published, item.id, item.revision, signals, tuple(warnings)))
    return out


def read_all(
    items: Iterable[bytes],
    config: Path,
    form: Form,
    jobs: int | None = None,
    keep: frozenset[str] = frozenset(),
    progress: Callable[[int], None] = lambda count: None,
) -> Iterator[Said]:
    """Read items in their order, on `jobs` processes (default: as many as there are cores).

    What gives nothing is left out, but for items whose id is in `keep`. `progress` hears how many items are read so
    far. Raises ConfigError for faults in the configuration, and TreatywatchError where a process was killed. Closing
    the iterator, also by Ctrl-C, ends the processes.
    """
    jobs = jobs or cores()
    detector = load_detector(config, ahead=(DEFAULT_LANGUAGE,))
    gc.freeze()  # what was loaded stays: the collector need not look at it again and again
    batches = _batches(items)
    start = list(islice(batches, ALONE // BATCH))
    done = 0
    if jobs == 1 or len(start) < ALONE // BATCH:
        for batch in chain(start, batches):
            yield from read_batch(detector, form, batch, done, keep)
            progress(done := done + len(batch))
        return
    with _pool(jobs, detector, config, keep) as pool:
        waiting: deque[tuple[int, Future[bytes]]] = deque()
        places = 0
        for batch in chain(start, batches):
            waiting.append((len(batch), pool.submit(_work, form, _encoder.encode(batch), places)))
            places += len(batch)
            while len(waiting) >= AHEAD * jobs:
                count, future = waiting.popleft()
                yield from _result(future)
                progress(done := done + count)
        for count, future in waiting:
            yield from _result(future)
            progress(done := done + count)


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def _batches(items: Iterable[bytes]) -> Iterator[list[bytes]]:
    source = iter(items)
    while batch := list(islice(source, BATCH)):
        yield batch


_decoder = msgspec.msgpack.Decoder(list[Said])
_batch = msgspec.msgpack.Decoder(list[bytes])
_encoder = msgspec.msgpack.Encoder()


def _result(future: Future[bytes]) -> list[Said]:
    try:
        return _decoder.decode(future.result())
    except BrokenProcessPool as error:
        raise TreatywatchError(
            "a reading process was killed, perhaps for want of memory; try again with --jobs 1"
        ) from error


# --- In the processes

_detector: Reads | None = None
_keep: frozenset[str] = frozenset()


@contextlib.contextmanager
def _pool(jobs: int, detector: Reads, config: Path, keep: frozenset[str]) -> Iterator[ProcessPoolExecutor]:
    """Start the processes: as copies of this one, with its detector, where that is safe; else each loads its own."""
    global _detector  # a forked process finds it here
    _detector = detector
    alone = sys.platform == "linux" and threading.active_count() == 1  # a copy of a locked lock stays locked
    context = multiprocessing.get_context("fork" if alone else "spawn")
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin, initargs=(config, os.getpid(), keep))
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        _detector = None


def _begin(config: Path, parent: int, keep: frozenset[str]) -> None:
    global _detector, _keep
    _keep = keep
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the first process ends us
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.environ[PARENT] = str(parent)
    watch_parent(lambda: os._exit(0))
    if _detector is None:
        _detector = load_detector(config, ahead=(DEFAULT_LANGUAGE,))
        gc.freeze()


def _work(form: Form, batch: bytes, first: int) -> bytes:
    assert _detector is not None
    return _encoder.encode(read_batch(_detector, form, _batch.decode(batch), first, _keep))
