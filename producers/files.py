"""Read item lines from a file, plain or gzipped, or from standard input."""

from __future__ import annotations

import gzip
import io
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, cast

import structlog

from treatywatch.errors import TreatywatchError
from treatywatch.item_lines import Warn, read_line
from treatywatch.model import DeadLetter, Item

STDIN = "-"
LONGEST_LINE = 64_000_000  # bytes; a longer "line" is cut, so that a file without line ends cannot fill memory
_GZIP = b"\x1f\x8b"

log = structlog.get_logger("items")


@contextmanager
def lines(path: Path | str, progress: Callable[[float], None] | None = None) -> Iterator[Iterator[bytes]]:
    """Open a file of lines, `-` for standard input, and yield its lines that are not blank, without their ends.

    Gzip is recognised by its first bytes, whatever the name. `progress` hears the fraction of the file that is read,
    now and then; of standard input it hears nothing. Raises TreatywatchError where the file cannot be read.
    """
    name = str(path)
    with ExitStack() as open_files:
        if name == STDIN:
            raw, size = sys.stdin.buffer, 0
        else:
            try:
                raw, size = open_files.enter_context(Path(path).open("rb")), Path(path).stat().st_size
            except OSError as error:
                raise TreatywatchError(f"{name}: cannot be read: {error.strerror or error}") from error
        stream: IO[bytes] = raw
        if isinstance(raw, io.BufferedReader) and raw.peek(2)[:2] == _GZIP:
            stream = cast(IO[bytes], gzip.GzipFile(fileobj=raw))
        yield _lines(stream, name, (lambda: progress(raw.tell() / size)) if progress and size else None)


def read_lines(
    stream: Iterable[bytes], *, source: str = STDIN, now: datetime | None = None, warn: Warn | None = None
) -> Iterator[Item | DeadLetter]:
    """Read item lines one by one: an Item for each that can be read, a DeadLetter for each that cannot, in order."""
    moment = now or datetime.now(UTC)
    tell = warn or log.warning
    for line in stream:
        if line.strip():
            yield read_line(line, now=moment, source=source, warn=tell)


def count_lines(path: Path | str) -> int:
    """Return how many item lines a file has, for a progress bar; raises TreatywatchError as `lines` does."""
    with lines(path) as found:
        return sum(1 for _ in found)


def _lines(stream: IO[bytes], name: str, progress: Callable[[], None] | None) -> Iterator[bytes]:
    try:
        for number, line in enumerate(iter(lambda: stream.readline(LONGEST_LINE), b"")):
            if progress is not None and number % 1000 == 0:
                progress()
            if not line.isspace():
                yield line
    except (OSError, EOFError) as error:  # gzip reports damage as either
        raise TreatywatchError(f"{name}: reading stopped in the middle: {error}") from error
