"""A server that keeps no rule of HTTP: it writes what it is told, byte by byte, for as long as somebody listens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType

Attack = Callable[[], AsyncIterator[bytes]]

_PIECE = 100_000


@dataclass
class HostileServer:
    """Answers each path with the bytes of its attack, made anew for each request; `asked` counts the requests."""

    attacks: dict[str, Attack] = field(default_factory=dict)
    asked: dict[str, int] = field(default_factory=dict)
    sent: int = 0  # bytes that somebody took
    _server: asyncio.Server | None = None
    _running: set[asyncio.Task[None]] = field(default_factory=set)

    async def __aenter__(self) -> HostileServer:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def url(self, path: str) -> str:
        """Return the address of a path."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}{path}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            path = head.split(b" ", 2)[1].decode()
            self.asked[path] = self.asked.get(path, 0) + 1
            async for piece in self.attacks[path]():
                writer.write(piece)
                await writer.drain()
                self.sent += len(piece)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # whoever was attacked has hung up
        finally:
            with suppress(ConnectionError):
                writer.close()
            self._running.discard(task)


def says(body: bytes, *headers: str, status: str = "200 OK", length: bool = True) -> Attack:
    """Answer as HTTP does, with a body that is the attack."""
    lines = [f"HTTP/1.1 {status}", "Connection: close", *headers]
    if length:
        lines.append(f"Content-Length: {len(body)}")

    async def answer() -> AsyncIterator[bytes]:
        yield ("\r\n".join(lines) + "\r\n\r\n").encode()
        for start in range(0, len(body), _PIECE):
            yield body[start : start + _PIECE]

    return answer


def endlessly(start: bytes, again: bytes) -> Attack:
    """Begin somehow, then write the same for ever."""

    async def answer() -> AsyncIterator[bytes]:
        yield start
        while True:
            yield again
            await asyncio.sleep(0)  # the other servers of this loop want to answer too

    return answer


def drip(start: bytes, byte: bytes, pause: float) -> Attack:
    """Begin somehow, then write a little now and then, so that no time-out between two bytes ever strikes."""

    async def answer() -> AsyncIterator[bytes]:
        yield start
        while True:
            await asyncio.sleep(pause)
            yield byte

    return answer


def each_time(body: Callable[[int], bytes]) -> Attack:
    """Answer with another body at each request, made from its number."""
    number = 0

    async def answer() -> AsyncIterator[bytes]:
        nonlocal number
        number += 1
        async for piece in says(body(number), "Content-Type: application/rss+xml")():
            yield piece

    return answer
