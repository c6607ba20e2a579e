"""Poll every feed once and write item lines: `treatywatch produce --feeds FILE --once --stdout`."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, TextIO

from producers.addresses import Admission
from producers.fetch import Fetcher
from producers.mailbox import open_mailbox
from producers.parse_pool import ParsePool
from producers.poll import AT_ONCE, Poller
from producers.publish import outgoing
from producers.run import utc_now
from producers.state import State
from producers.turn import Turn
from treatywatch import wire
from treatywatch.feeds import Feed
from treatywatch.locate import config_dir
from treatywatch.settings import Produce


def poll_once(
    feeds: Sequence[Feed],
    state: Path,
    out: BinaryIO,
    err: TextIO,
    allow_private: bool = False,
    *,
    settings: Produce | None = None,
    config: Path | None = None,
    alert: bool = False,
    now: Callable[[], datetime] = utc_now,
) -> int:
    """Poll each enabled feed once, write its new and edited items as item lines, and return the exit status.

    It is a live poll in all but two things: the interval is not waited for (a Retry-After that still runs is), and the
    items go to `out` instead of the outbox; the mailbox of the settings is read too. Items are written before the state
    is, so a kill repeats items and loses none. A feed without a good answer, be it on hold or gone, is one line on
    `err` that begins with its id, and makes the status 1.
    """
    memory = State(state)
    try:
        return asyncio.run(_poll_all(feeds, memory, out, err, allow_private, settings or Produce(), config, alert, now))
    finally:
        memory.close()


async def _poll_all(
    feeds: Sequence[Feed],
    memory: State,
    out: BinaryIO,
    err: TextIO,
    allow_private: bool,
    settings: Produce,
    config: Path | None,
    alert: bool,
    now: Callable[[], datetime],
) -> int:
    writing = threading.Lock()
    failed: set[str] = set()

    def commit(done: Turn) -> None:
        with writing:
            for item in done.items:
                out.write(wire.to_json(item) + b"\n")
            out.flush()
            # What could not be read waits in the outbox for the next live run; it is no item.
            memory.commit(done.state, done.seen, [outgoing(letter) for letter in done.dead], now())

    def fail(feed: Feed, why: str) -> None:
        failed.add(feed.id)
        err.write(" ".join(f"{feed.id}: {why}".split()) + "\n")
        err.flush()

    def report(feed: Feed, done: Turn) -> None:
        if done.failure is not None:
            fail(feed, done.failure)

    admission = Admission.of((feed.url for feed in feeds), allow_private)
    async with Fetcher(settings, admission, now) as fetcher, ParsePool.of(settings) as parser:
        poller = Poller(
            feeds, memory, fetcher, parser, settings, now, commit, report, alert=alert, allow_private=allow_private
        )
        due = []
        for feed in feeds:
            state = poller.current(feed)
            if not feed.enabled:
                continue
            if state.gone:
                fail(feed, "not polled: the server has said that it is gone; change or remove its address")
            elif state.hold_until is not None and state.hold_until > now():
                fail(feed, f"not polled: the server has asked not to come before {state.hold_until:%Y-%m-%dT%H:%M:%SZ}")
            else:
                due.append(feed)
        for mailbox in open_mailbox(settings, config or config_dir(), memory, now, commit, report, alert):
            while await asyncio.to_thread(mailbox.look):
                pass
        at_once = asyncio.Semaphore(AT_ONCE)
        await asyncio.gather(*(poller.poll(feed, at_once) for feed in due))
    return 1 if failed else 0
