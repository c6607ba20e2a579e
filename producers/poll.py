"""Poll all feeds on one event loop: who is due, one request at a time per site, so many at once in all.

The decisions are made in `schedule.py` and `turn.py`; here they meet the clock, the network and the state file.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

import structlog

from producers import schedule, turn
from producers.addresses import politeness_key
from producers.entries import Parsed, Unparsable
from producers.fetch import Answer, Ask, Failed, Fault
from producers.memory import FeedState
from producers.parse_pool import Parses
from producers.site_hold import hold_after, remembered_holds
from producers.standing import FailureClass, failure_class
from producers.state import State
from producers.turn import Turn
from treatywatch.feeds import Feed
from treatywatch.metrics import Metrics
from treatywatch.settings import Produce

AT_ONCE = 50  # requests under way in all
READER_ERROR = "reader_error"  # the outcome where our own code has failed on a feed
SPACING_SECONDS = 1.0  # between two requests to one public site

log = structlog.get_logger()


class Fetches(Protocol):
    """What fetches; `fetch.Fetcher` does."""

    async def fetch(self, ask: Ask) -> Answer | Failed:
        """Fetch once; every outcome is a value."""


@dataclass
class Poller:
    """The feeds, their states, and what is needed to poll them."""

    feeds: Sequence[Feed]
    state: State
    fetcher: Fetches
    parser: Parses
    settings: Produce
    now: Callable[[], datetime]
    commit: Callable[[Turn], None]  # makes a turn safe; called on a thread
    report: Callable[[Feed, Turn], None]  # called once it is
    alert: bool = False
    allow_private: bool = False
    spacing: float = SPACING_SECONDS
    _states: dict[str, FeedState] = field(default_factory=dict, init=False)
    _sites: dict[str, asyncio.Lock] = field(default_factory=dict, init=False)
    _holds: dict[str, datetime] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        remembered = self.state.feeds()
        self._states = {feed.id: turn.begin(feed, remembered.get(feed.id)) for feed in self.feeds}
        self._holds = remembered_holds(self._states.values(), self._site, self.now())

    def current(self, feed: Feed) -> FeedState:
        """Return what is known of a feed now."""
        return self._states[feed.id]

    async def run(self, stop: asyncio.Event) -> None:
        """Poll each enabled feed whenever it is due, until `stop` is set; requests under way are then given up."""
        queue = [(self._first_due(feed), n) for n, feed in enumerate(self.feeds) if feed.enabled]
        queue = [(due, n) for due, n in queue if not self.current(self.feeds[n]).gone]
        heapq.heapify(queue)
        running: dict[asyncio.Task[Turn], int] = {}
        at_once = asyncio.Semaphore(AT_ONCE)
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set() and (queue or running):
                while queue and queue[0][0] <= self.now():
                    _, n = heapq.heappop(queue)
                    running[asyncio.create_task(self.poll(self.feeds[n], at_once))] = n
                wait = max(0.0, (queue[0][0] - self.now()).total_seconds()) if queue else None
                await asyncio.wait({stopping, *running}, timeout=wait, return_when=asyncio.FIRST_COMPLETED)
                for task in [task for task in running if task.done()]:
                    n = running.pop(task)
                    due = task.result().state.due  # raises what a poll should never raise
                    if due is not None:
                        heapq.heappush(queue, (due, n))
            await stopping  # with no feed left there is nothing to do but wait to be stopped
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            stopping.cancel()

    async def poll(self, feed: Feed, at_once: asyncio.Semaphore) -> Turn:
        """Poll one feed now, whatever its interval says, and commit the turn."""
        before = self.current(feed)
        site = self._site(before.current_url)
        async with self._sites.setdefault(site, asyncio.Lock()):
            hold = self._holds.get(site)
            if hold is not None and hold > self.now():
                done = turn.held(before, schedule.limits(self.settings, feed), hold)
            else:
                async with at_once:
                    done = await self.take_turn(feed, before)
                told = self._site(done.state.held_by or before.current_url)
                if (hold := hold_after(self._holds.get(told), done)) is not None:
                    self._holds[told] = hold
            await asyncio.to_thread(self.commit, done)
            self._states[feed.id] = done.state
            self.report(feed, done)
            if (
                self.spacing and done.outcome != turn.HELD and not (self.allow_private and ":" in site)
            ):  # a private site is named by host and port
                await asyncio.sleep(self.spacing)
        return done

    @contextlib.asynccontextmanager
    async def between_turns(self, feed: Feed) -> AsyncIterator[None]:
        """Keep a feed from taking a turn meanwhile."""
        async with self._sites.setdefault(self._site(self.current(feed).current_url), asyncio.Lock()):
            yield

    @contextlib.asynccontextmanager
    async def at_site(self, url: str) -> AsyncIterator[bool]:
        """Have a site for one request, as a poll has it, and pause behind it; false where it has asked for a rest."""
        site = self._site(url)
        async with self._sites.setdefault(site, asyncio.Lock()):
            hold = self._holds.get(site)
            free = hold is None or hold <= self.now()
            yield free
            if free and self.spacing and not (self.allow_private and ":" in site):
                await asyncio.sleep(self.spacing)

    async def take_turn(self, feed: Feed, before: FeedState) -> Turn:
        """Fetch, read, and decide, without writing anything down.

        Whatever goes wrong in here is the failure of this feed alone, also where the fault is ours; only a state file
        that cannot be read ends the run.
        """
        bounds = schedule.limits(self.settings, feed)
        try:
            answer = await self.fetcher.fetch(replace(turn.ask(before, bounds), rests=self._rest))
            if isinstance(answer, Failed) and answer.fault is Fault.RESTING and answer.retry_after is not None:
                return turn.held(before, bounds, answer.retry_after, by=answer.url)
            if isinstance(answer, Failed):
                return turn.failed(before, bounds, self.now(), answer)
            hashed, parsed = turn.body_hash(answer), None
            if answer.body is not None and hashed != before.body_hash:
                parsed = await self.parser.parse(answer.body, answer.url, answer.content_type, feed.language)
            if isinstance(parsed, Unparsable):
                return turn.failed(before, bounds, self.now(), parsed)
            return await asyncio.to_thread(self._digest, feed, before, bounds, answer, hashed, parsed)
        except sqlite3.Error:
            raise
        except Exception as error:
            log.exception("feed_reader_error", feed=feed.id)
            ours = Unparsable(READER_ERROR, f"{type(error).__name__}: {error}; this is a mistake of treatywatch"[:300])
            return turn.failed(before, bounds, self.now(), ours)

    def _digest(
        self,
        feed: Feed,
        before: FeedState,
        bounds: schedule.Limits,
        answer: Answer,
        hashed: str | None,
        parsed: Parsed | None,
    ) -> Turn:
        read = turn.read(before, hashed, parsed)
        ids, twins = _keys(feed, read)
        known, known_twins = self.state.seen(ids, twins)
        return turn.succeeded(feed, before, bounds, self.now(), answer, read, known, known_twins, self.alert)

    def _first_due(self, feed: Feed) -> datetime:
        state, bounds = self.current(feed), schedule.limits(self.settings, feed)
        return schedule.due_at_start(self.now(), feed.id, state.due, state.hold_until, bounds, state.quiet)

    def _rest(self, url: str) -> datetime | None:
        """Return until when the site of an address is to be left alone; none where it may be asked."""
        hold = self._holds.get(self._site(url))
        return hold if hold is not None and hold > self.now() else None

    def _site(self, url: str) -> str:
        return politeness_key(url, by_port=self.allow_private)


def restore(metrics: Metrics, feeds: Iterable[Feed], remembered: Mapping[str, FeedState]) -> None:
    """Show when the feeds were last read before this start, so that the alert on a stale feed survives a restart.

    A feed that is disabled or was never read shows nothing.
    """
    for feed in feeds:
        state = remembered.get(feed.id)
        if feed.enabled and state is not None and state.last_success is not None:
            metrics.feed_success.labels(feed.id).set(state.last_success.timestamp())
            metrics.feed_interval.labels(feed.id).set(state.pace or state.interval)
        if feed.enabled and state is not None and state.last_item is not None:
            metrics.feed_item.labels(feed.id).set(state.last_item.timestamp())


def reporter(metrics: Metrics) -> Callable[[Feed, Turn], None]:
    """Return what tells of each turn in the metrics and the log."""

    def report(feed: Feed, done: Turn) -> None:
        state = done.state
        metrics.fetches.labels(feed.id, done.outcome).inc()
        if done.failure is None:
            if state.last_success is not None:
                metrics.feed_success.labels(feed.id).set(state.last_success.timestamp())
            metrics.feed_interval.labels(feed.id).set(state.pace)
        if state.last_item is not None:
            metrics.feed_item.labels(feed.id).set(state.last_item.timestamp())
        metrics.feed_items.labels(feed.id).inc(len(done.items))
        metrics.feed_duplicates.labels(feed.id).inc(done.known)
        metrics.feed_bytes.labels(feed.id).inc(done.bytes)
        failing = failure_class(state.failure) if state.failures else None
        for kind in FailureClass:
            metrics.feed_failing.labels(feed.id, kind).set(state.failures if kind is failing else 0)
        if state.due is not None:
            metrics.feed_next.labels(feed.id).set(state.due.timestamp())
        for note in done.notes:
            log.warning("feed_note", feed=feed.id, note=note)
        if done.failure is not None:
            log.warning("feed_failed", feed=feed.id, failure=done.failure, in_a_row=state.failures, due=str(state.due))
        elif done.items:
            log.info("feed_polled", feed=feed.id, items=len(done.items), known=done.known, dead=len(done.dead))

    return report


def _keys(feed: Feed, read: turn.Read | None) -> tuple[Iterable[str], Iterable[str]]:
    if read is None or read.parsed is None:
        return (), ()
    bad = (turn.bad_id(feed.id, entry) for entry in read.parsed.bad)
    return (*(n.id for n in read.named), *bad), [n.twin for n in read.named if n.twin]
