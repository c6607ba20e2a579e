"""Decompression with a limit, in whatever pieces the bytes come."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections.abc import Callable, Iterator

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.inflate import EncodingError, Inflate, TooLargeError

PACKED: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "plain": ("", bytes),
    "gzip": ("gzip", lambda data: gzip.compress(data, mtime=0)),
    "gzip in two members": ("x-gzip", lambda data: b"".join(gzip.compress(half, mtime=0) for half in halves(data))),
    "gzip with padding": ("GZIP", lambda data: gzip.compress(data, mtime=0) + bytes(3)),
    "deflate": ("deflate", zlib.compress),
    "deflate without its header": ("deflate", lambda data: zlib.compress(data)[2:-4]),
    "br": ("br", lambda data: bytes(brotli.compress(data, quality=3))),
}


def halves(data: bytes) -> tuple[bytes, bytes]:
    return data[: len(data) // 2], data[len(data) // 2 :]


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


@pytest.mark.parametrize("kind", PACKED)
@given(text=st.binary(max_size=300), times=st.integers(1, 50), size=st.integers(2, 4000))
def test_body_comes_out_as_it_went_in(kind: str, text: bytes, times: int, size: int) -> None:
    """Each encoding, in pieces of any size."""
    encoding, pack = PACKED[kind]
    inflate = Inflate(encoding, 20_000)
    for piece in pieces(pack(text * times), size):
        inflate.feed(piece)

    assert inflate.end() == text * times


@pytest.mark.parametrize("kind", ["gzip", "deflate", "br"])
def test_body_in_single_bytes_comes_out(kind: str) -> None:
    """The slowest server there is."""
    encoding, pack = PACKED[kind]
    inflate = Inflate(encoding, 20_000)
    for piece in pieces(pack(b"news " * 100), 1):
        inflate.feed(piece)

    assert inflate.end() == b"news " * 100


@pytest.mark.parametrize("kind", PACKED)
def test_limit_is_exact(kind: str) -> None:
    """A body of the limit is read, one byte more is not."""
    encoding, pack = PACKED[kind]
    fits, exceeds = Inflate(encoding, 10_000), Inflate(encoding, 10_000)
    fits.feed(pack(b"x" * 10_000)[:10_000])

    assert fits.end() == b"x" * 10_000
    with pytest.raises(TooLargeError):
        exceeds.feed(pack(b"x" * 10_001))


@pytest.mark.parametrize("kind", ["gzip", "deflate", "br"])
@pytest.mark.parametrize("size", [100, 65_536])
def test_bomb_takes_no_more_memory_than_the_limit_allows(kind: str, size: int) -> None:
    """Half a gigabyte of nothing, packed; what is held in between stays within a few times the limit."""
    encoding, _ = PACKED[kind]
    inflate, limit = Inflate(encoding, 1_000_000), 1_000_000
    bomb = bombs(kind)
    tracemalloc.start()
    with pytest.raises(TooLargeError):
        feed_all(inflate, pieces(bomb, size))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(bomb) < 600_000
    assert peak < 5 * limit


def feed_all(inflate: Inflate, some: Iterator[bytes]) -> None:
    for piece in some:
        inflate.feed(piece)


def bombs(kind: str) -> bytes:
    """Pack half a gigabyte of zeros without holding it."""
    zeros = bytes(1_000_000)
    if kind == "br":
        engine = brotli.Compressor(quality=5)
        return b"".join([*(engine.process(zeros) for _ in range(500)), engine.finish()])
    packer = zlib.compressobj(9, wbits=31 if kind == "gzip" else 15)
    return b"".join(packer.compress(zeros) for _ in range(500)) + packer.flush()


@pytest.mark.parametrize("kind", ["gzip", "deflate", "br"])
def test_body_that_ends_early_or_is_something_else_is_a_fault(kind: str) -> None:
    """Half a feed is not taken for a feed."""
    encoding, pack = PACKED[kind]
    half = Inflate(encoding, 10_000)
    half.feed(pack(b"news of the day " * 9)[:-5])

    with pytest.raises(EncodingError):
        half.end()
    with pytest.raises(EncodingError):
        Inflate(encoding, 10_000).feed(b"<rss version='2.0'/>" * 9)


def test_encoding_that_was_not_offered_is_a_fault() -> None:
    """It is named, so that the publisher can be told."""
    with pytest.raises(EncodingError, match="zstd"):
        Inflate("zstd", 10_000)


@given(body=st.binary(max_size=400), encoding=st.sampled_from(["gzip", "deflate", "br"]))
def test_any_bytes_give_a_body_or_a_fault(body: bytes, encoding: str) -> None:
    """Nothing else is raised."""
    inflate = Inflate(encoding, 1000)
    try:
        inflate.feed(body)
        inflate.end()
    except (EncodingError, TooLargeError):
        pass
