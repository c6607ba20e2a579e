"""Decompress a body as its bytes come, never beyond a limit: a bomb costs what the limit allows and no more."""

from __future__ import annotations

import zlib
from typing import Any, Protocol

ENCODINGS = "gzip, deflate, br"  # what is offered
_GZIP_OR_ZLIB, _RAW = 47, -15  # window bits of zlib
_MEMBER = b"\x1f\x8b"  # the first two bytes of each member of gzip


class TooLargeError(ValueError):
    """More bytes than the limit, before or after decompression."""


class EncodingError(ValueError):
    """A body that is not in the encoding it claims, or in one that was not offered."""


class _Engine(Protocol):
    @property
    def ended(self) -> bool:
        """Say whether nothing is missing."""

    def inflate(self, data: bytes, room: int) -> bytes:
        """Return what comes of some more bytes, at most about `room`."""


class _Plain:
    @property
    def ended(self) -> bool:
        return True

    def inflate(self, data: bytes, room: int) -> bytes:
        return data


class _Zlib:
    """gzip, also in several members one after the other, and deflate, also without the header it should have."""

    def __init__(self, raw_allowed: bool) -> None:
        self._engine = zlib.decompressobj(wbits=_GZIP_OR_ZLIB)
        self._raw_allowed = raw_allowed
        self._held = b""  # what came after the end and may yet begin another member

    @property
    def ended(self) -> bool:
        return self._engine.eof

    def inflate(self, data: bytes, room: int) -> bytes:
        out, data, self._held = b"", self._held + data, b""
        while data and len(out) < room:
            if self._engine.eof:
                if not data.startswith(_MEMBER):
                    self._held = data if _MEMBER.startswith(data) else b""
                    return out  # else padding after the end, which some servers send
                self._engine = zlib.decompressobj(wbits=_GZIP_OR_ZLIB)
            out += self._some(data, room - len(out))
            data = self._engine.unused_data
        return out

    def _some(self, data: bytes, room: int) -> bytes:
        first, self._raw_allowed = self._raw_allowed, False
        try:
            return self._engine.decompress(data, room)
        except zlib.error:
            if not first:
                raise
        self._engine = zlib.decompressobj(wbits=_RAW)
        return self._engine.decompress(data, room)


class _Brotli:
    def __init__(self) -> None:
        import brotli  # a native library, loaded when the first server answers in it

        self._engine: Any = brotli.Decompressor()
        self._error: type[Exception] = brotli.error

    @property
    def ended(self) -> bool:
        return bool(self._engine.is_finished())

    def inflate(self, data: bytes, room: int) -> bytes:
        if self.ended:
            return b""  # padding after the end
        try:
            out = bytes(self._engine.process(data, output_buffer_limit=room))
            while len(out) < room and not self._engine.can_accept_more_data():
                out += self._engine.process(b"", output_buffer_limit=room - len(out))
        except self._error as error:
            raise EncodingError(f"no br: {error}") from error
        return out


class Inflate:
    """One body: `feed` it, then take the `end`. Holds at most the limit and one chunk of either engine beyond it."""

    def __init__(self, encoding: str, limit: int) -> None:
        """Raises EncodingError for an encoding that was not offered."""
        self._name = encoding.strip().lower()
        self._limit, self._compressed, self._out = limit, 0, bytearray()
        self._engine: _Engine
        if self._name in ("", "identity"):
            self._engine = _Plain()
        elif self._name in ("gzip", "x-gzip", "deflate"):
            self._engine = _Zlib(raw_allowed=self._name == "deflate")
        elif self._name == "br":
            self._engine = _Brotli()
        else:
            raise EncodingError(f"content encoding {self._name[:40]!r}, which was not offered")

    def feed(self, data: bytes) -> None:
        """Take some more bytes. Raises TooLargeError or EncodingError."""
        self._compressed += len(data)
        try:
            self._out += self._engine.inflate(data, self._limit - len(self._out) + 1)
        except zlib.error as error:
            raise EncodingError(f"no {self._name}: {error}") from error
        if max(len(self._out), self._compressed) > self._limit:
            raise TooLargeError(f"more than {self._limit} bytes")

    def end(self) -> bytes:
        """Return the body. Raises EncodingError where it ends early."""
        if self._compressed and not self._engine.ended:
            raise EncodingError(f"{self._name} body ends early")
        return bytes(self._out)
