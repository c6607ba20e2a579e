"""Feeds are read in processes that may be killed, and a feed that goes beyond a limit fails alone."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.entries import Parsed, Unparsable
from producers.parse import parse
from producers.parse_pool import LARGE, NO_READER, ParsePool
from producers.parse_worker import HEAD, OUT_OF_MEMORY, TOO_HEAVY, Job, Outcome, Watch, frame, length_of
from tests.producers.feed_server import rss
from tests.producers.hostile_bodies import MANY_ENTRIES, NESTED, within
from treatywatch.settings import Produce

URL = "https://news.example.org/feed"
GOOD = rss(("1", "One", "x"), ("2", "", ""), ("3", "Три", "&lt;b&gt;three&lt;/b&gt;"), ttl=30).encode()
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture
async def pool() -> AsyncIterator[ParsePool]:
    async with ParsePool(seconds=20, memory=40_000_000) as running:
        yield running


@pytest.mark.parametrize(
    "body",
    [GOOD, rss().encode(), b"<html>Welcome</html>", b"", b'{"version": "https://jsonfeed.org/version/1", "items": 3}'],
)
async def test_body_is_read_as_it_would_be_here(pool: ParsePool, body: bytes) -> None:
    """Entries, those that cannot be read, wishes and failures come through as they are."""
    assert await pool.parse(body, URL, "text/xml; charset=utf-8") == parse(body, URL, "text/xml; charset=utf-8")


async def test_workers_are_kept_and_used_again(pool: ParsePool) -> None:
    """A start costs more than a feed."""
    for _ in range(20):
        await pool.parse(GOOD, URL, "")

    assert pool.started == 1


async def test_body_that_takes_too_much_memory_fails_alone(pool: ParsePool) -> None:
    """It is named for what it did, and the next feed gets a fresh process."""
    heavy = await pool.parse(NESTED, URL, "")
    after = await pool.parse(GOOD, URL, "")

    assert isinstance(heavy, Unparsable)
    assert (heavy.reason, heavy.error) == (TOO_HEAVY, "reading it needs more than 40 MB of memory")
    assert isinstance(after, Parsed)
    assert pool.started == 2


async def test_body_that_takes_too_long_fails_alone() -> None:
    """Its process is killed at the deadline; feeds that come meanwhile are read meanwhile."""
    async with ParsePool(seconds=2, memory=400_000_000) as pool:
        slow = [asyncio.create_task(pool.parse(MANY_ENTRIES, f"{URL}/{n}", "")) for n in range(6)]
        await asyncio.sleep(0)
        good = await asyncio.gather(*(pool.parse(GOOD, f"{URL}/good/{n}", "") for n in range(6)))
        under_way = [not task.done() for task in slow]
        for task in slow[1:]:
            task.cancel()
        first = await slow[0]
        await asyncio.gather(*slow, return_exceptions=True)

    assert all(isinstance(read, Parsed) for read in good)
    assert all(under_way)
    assert isinstance(first, Unparsable)
    assert (first.reason, first.error) == (TOO_HEAVY, "reading it takes more than 2 s")


async def test_small_body_that_once_took_too_long_waits_with_the_large_ones() -> None:
    """So that a second helping of it, however many addresses share it, leaves workers to the others."""
    small = within(MANY_ENTRIES, LARGE)
    async with ParsePool(seconds=1, memory=400_000_000, workers=2) as pool:
        await asyncio.gather(*(pool.parse(small, f"{URL}/{n}", "") for n in range(2)))
        again = [asyncio.create_task(pool.parse(small, f"{URL}/{n}", "")) for n in range(2)]
        await asyncio.sleep(0)
        good = await pool.parse(GOOD, URL, "")
        unfinished = sum(not task.done() for task in again)
        await asyncio.gather(*again)

    assert isinstance(good, Parsed)
    assert unfinished == 2


@LINUX
async def test_killed_worker_is_replaced_and_its_feed_is_read(pool: ParsePool) -> None:
    """The system kills one to get memory; the feed that met the dead one is not to blame."""
    await pool.parse(GOOD, URL, "")
    os.kill(children()[0], signal.SIGKILL)

    assert isinstance(await pool.parse(GOOD, URL, ""), Parsed)


@LINUX
async def test_end_leaves_no_process(pool: ParsePool) -> None:
    """Neither an idle one nor one at work."""
    before = children()
    async with ParsePool(seconds=60, memory=400_000_000) as other:
        await other.parse(GOOD, URL, "")
        busy = asyncio.create_task(other.parse(MANY_ENTRIES, URL, ""))
        await other.parse(GOOD, URL, "")
        during = children()
        busy.cancel()
        await asyncio.gather(busy, return_exceptions=True)

    assert len(during) > len(before)
    assert children() == before


@LINUX
async def test_worker_has_no_secret_of_ours(pool: ParsePool, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a body might make of the process, it finds no password there."""
    monkeypatch.setenv("TREATYWATCH_ELASTICSEARCH_PASSWORD", "not to be handed on")
    await pool.parse(GOOD, URL, "")

    assert b"MALLOC_ARENA_MAX=" in environment(children()[0])
    assert b"TREATYWATCH" not in environment(children()[0])


async def test_reader_that_cannot_be_had_is_a_failure_of_its_own(
    pool: ParsePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not held against the feed, and the next poll tries again."""
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    none = await pool.parse(GOOD, URL, "")
    monkeypatch.undo()

    assert isinstance(none, Unparsable)
    assert none.reason == NO_READER
    assert isinstance(await pool.parse(GOOD, URL, ""), Parsed)


@LINUX
async def test_worker_is_the_first_to_go_when_memory_runs_out(pool: ParsePool) -> None:
    """Not the producer, which holds what was read."""
    await pool.parse(GOOD, URL, "")

    assert out_of_memory_score(children()[0]) == 1000


def out_of_memory_score(process: int) -> int:
    return int(Path(f"/proc/{process}/oom_score_adj").read_text(encoding="ascii"))


def environment(process: int) -> bytes:
    return Path(f"/proc/{process}/environ").read_bytes()


def children() -> list[int]:
    """Return the process ids of the workers of this process."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = status.read_text(encoding="utf-8").rpartition(")")[2].split()[:2]
            command = (status.parent / "cmdline").read_bytes()
        except OSError:
            continue
        if int(parent) == os.getpid() and state != "Z" and b"producers.parse_worker" in command:
            found.append(int(status.parent.name))
    return sorted(found)


def worker(body: bytes, memory: int, address_space: bool) -> tuple[int, bytes]:
    """Run a worker by hand on one body, then end its input; returns its status and what it wrote."""
    program = (
        "import sys; from producers.parse_worker import Confines, work; "
        f"work(sys.stdin.buffer, sys.stdout.buffer, Confines({memory}, 60), address_space={address_space})"
    )
    job = frame(msgspec.msgpack.encode(Job(body, URL, "")))
    done = subprocess.run([sys.executable, "-c", program], input=job, capture_output=True, check=False)
    return done.returncode, done.stdout


def test_watch_ends_a_worker_where_the_system_has_no_limit() -> None:
    """As on macOS, where RLIMIT_AS is accepted and ignored."""
    status, _ = worker(NESTED, 40_000_000, address_space=False)

    assert status == OUT_OF_MEMORY


def test_worker_ends_with_its_input() -> None:
    """It does not outlive whoever started it, however that ended."""
    status, written = worker(GOOD, 400_000_000, address_space=True)
    ready = HEAD + length_of(written[:HEAD])
    answer = msgspec.msgpack.decode(written[ready + HEAD :], type=Outcome)

    assert status == 0
    assert answer.parsed == parse(GOOD, URL, "")


def test_watch_looks_only_while_there_is_work() -> None:
    """What a worker holds between two feeds is nobody's fault."""
    ended: list[int] = []
    with Watch(10, look=lambda: 10, end=ended.append):
        pass
    Watch(10, look=lambda: 11, end=ended.append)

    assert not ended


@given(st.binary(min_size=HEAD, max_size=HEAD))
def test_length_that_nobody_would_send_is_refused(head: bytes) -> None:
    """A worker that was taken over cannot make the pool wait for four gigabytes."""
    try:
        assert 0 <= length_of(head) <= 100_000_000
    except ValueError:
        assert head > b"\x05\xf5"


def test_limits_come_from_the_settings() -> None:
    """As documented."""
    pool = ParsePool.of(Produce(parse_seconds=3, parse_memory_bytes=50_000_000))

    assert (pool.seconds, pool.memory) == (3, 50_000_000)
