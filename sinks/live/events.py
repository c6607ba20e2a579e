"""The stream of changes to open pages: numbered messages, the last of them kept, a slow reader dropped.

A message's id is `<epoch>-<number>`. The epoch names this run of the process: a page that reconnects with an id of
another run, or one older than what is kept, is told to fetch itself anew (`resync`); any other gets exactly what it
missed. All methods belong to the server's loop; nothing here waits for a reader.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from treatywatch.model import Case

KEPT = 1000  # messages that a page may have missed while it was away
QUEUED = 256  # messages that a page may be behind before it is dropped


def _plain(value: object) -> str:
    """Let Html, a kind of str, pass as the str it is."""
    if isinstance(value, str):
        return str(value)
    raise NotImplementedError(f"an event cannot hold {type(value).__name__}")


_json = msgspec.json.Encoder(enc_hook=_plain)


@dataclass(frozen=True, slots=True)
class Message:
    """One change as it goes over the wire, in the words for three kinds of reader.

    `text` goes to a page that shows the case, `came` to one whose filter it passes only now, `gone` to one whose filter
    it passes no longer.
    """

    number: int
    before: Case | None
    after: Case | None
    text: bytes
    came: bytes = b""
    gone: bytes = b""


class Subscription:
    """One open page."""

    def __init__(self, wanted: Callable[[Case], bool], drop: Callable[[], None], backlog: list[bytes]) -> None:
        self._wanted, self._drop = wanted, drop
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._over = False
        for text in backlog:
            self._queue.put_nowait(text)

    def offer(self, message: Message) -> bool:
        """Queue the message if the page wants it; false (and the page is dropped) where it is too far behind."""
        text = select(message, self._wanted)
        if text and self._queue.qsize() >= QUEUED:
            self._drop()
            return False
        if text:
            self._queue.put_nowait(text)
        return True

    def close(self) -> None:
        """Let the page go."""
        self._queue.put_nowait(None)

    async def next(self, patience_seconds: float) -> bytes | None:
        """Wait for messages and return them as one piece: empty if none came in time, none if the stream is over."""
        if self._over:
            return None
        try:
            async with asyncio.timeout(patience_seconds):
                pieces = [await self._queue.get()]
        except TimeoutError:
            return b""
        while not self._queue.empty():
            pieces.append(self._queue.get_nowait())
        self._over = None in pieces
        return b"".join(piece for piece in pieces if piece is not None) or None


class Hub:
    """All open pages and the latest messages."""

    def __init__(self, epoch: str, kept: int = KEPT) -> None:
        self._epoch = epoch
        self._number = 0
        self._kept: deque[Message] = deque(maxlen=kept)
        self._open: set[Subscription] = set()
        self.dropped = 0

    @property
    def position(self) -> str:
        """The id of the latest message: a page made now has seen everything up to it."""
        return f"{self._epoch}-{self._number}"

    def __len__(self) -> int:
        return len(self._open)

    def publish(self, before: Case | None, after: Case, content: dict[str, object]) -> None:
        """Tell every open page of a change of one case."""
        self._number += 1
        text, came = (write(event, content, self.position) for event in ("case", "came"))
        gone = write("gone", {key: content[key] for key in ("id", "was", "stage") if key in content}, self.position)
        self._send(Message(self._number, before, after, text, came, gone))

    def resync(self) -> None:
        """Tell every open page to fetch itself anew."""
        self._number += 1
        self._send(Message(self._number, None, None, write("resync", {}, self.position)))

    def subscribe(
        self, after: str | None, wanted: Callable[[Case], bool], drop: Callable[[], None] = lambda: None
    ) -> Subscription:
        """Open a stream that begins after the message with that id (none: now). `drop` must end a stuck connection."""
        subscription = Subscription(wanted, drop, self._missed(after, wanted))
        self._open.add(subscription)
        return subscription

    def leave(self, subscription: Subscription) -> None:
        """Forget a page. May be called twice."""
        self._open.discard(subscription)

    def close(self) -> None:
        """End every stream."""
        for subscription in self._open:
            subscription.close()

    def _missed(self, after: str | None, wanted: Callable[[Case], bool]) -> list[bytes]:
        if not after:
            return []
        epoch, _, number = after.rpartition("-")
        oldest = self._kept[0].number if self._kept else self._number + 1
        if epoch != self._epoch or not number.isdecimal() or not oldest - 1 <= int(number) <= self._number:
            return [write("resync", {}, self.position)]
        return [text for message in self._kept if message.number > int(number) and (text := select(message, wanted))]

    def _send(self, message: Message) -> None:
        self._kept.append(message)
        for subscription in [each for each in self._open if not each.offer(message)]:
            self._open.discard(subscription)
            self.dropped += 1


def select(message: Message, wanted: Callable[[Case], bool]) -> bytes:
    """Choose what a page with that filter gets: a change, a case that came or that went, or nothing."""
    if message.after is None:
        return message.text
    shown = message.before is not None and wanted(message.before)
    if wanted(message.after):
        return message.text if shown else message.came
    return message.gone if shown else b""


def write(event: str, content: dict[str, object], id: str | None = None) -> bytes:
    """Write one server-sent event; its data is JSON on one line."""
    head = f"id: {id}\n" if id else ""
    return f"{head}event: {event}\ndata: ".encode() + _json.encode(content) + b"\n\n"
