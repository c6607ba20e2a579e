"""The two Faust agents: `detect` (items -> signals) and `track` (signals -> cases).

Faust loses an event whose agent raises, so nothing is raised: a permanent error is a dead letter, a transient one is
retried in place, and leaving is by exit status 75 before the input is acknowledged. Every output is acknowledged by the
broker before its input is. What an input means is decided in handle.py.

    items ──> detect ──> signals ──> track ──> cases
                 └──> deadletters <──┘
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import faust
import structlog
from aiokafka.errors import KafkaError
from faust.exceptions import ProducerSendError

from processors.app import APP_ID, EXIT_RESTART, GapGuard, make_app, run_worker
from processors.clock import Clock, PublishedClock, WallClock
from processors.detect.pipeline import load_detector
from processors.handle import Handled, Reads, Source, handle_item, handle_signal
from processors.recover import read_cases
from processors.stall import STALL_SECONDS, UNASSIGNED_SECONDS, StallWatch
from processors.track.advance import Rules, load_rules, next_date, records, tick
from processors.track.supersede import moved
from treatywatch import wire
from treatywatch.account import Account
from treatywatch.errors import WireError
from treatywatch.metrics import Metrics
from treatywatch.model import Case, Signal
from treatywatch.settings import Settings
from treatywatch.topic_admin import check_topics
from treatywatch.topics import CASES, DEADLETTERS, ITEMS, SIGNALS, Topic

TICK_SECONDS = 60.0
WATCH_SECONDS = 5.0
SCRAPE_SECONDS = 12.0  # two scrapes of the shipped configuration
RECOVERY_SECONDS = 60.0  # for reading the cases again; the group would put us out after that anyway

log = structlog.get_logger()


def run_process(settings: Settings, config: Path, state: Path | None, metrics: Metrics) -> int:
    """Run detect and track until told to stop; returns the exit status (75: start me again).

    With a state folder the accounts of both stages are kept there. Raises ConfigError for faults in the configuration
    and ServerError where the broker cannot be used or topics are missing.
    """
    detector, rules = load_detector(config), load_rules(config)
    check_topics(settings.kafka)
    app = make_app(settings, state)
    worker = Worker(app, settings, detector, rules, metrics, state)
    worker.wire_up()
    gc.freeze()  # what is loaded stays: the collector need not look at it with every thousand events
    log.info("worker_starting", group=APP_ID, bootstrap=settings.kafka.bootstrap)
    return run_worker(app, settings.process.stop_seconds)


class Worker:
    """The state of one worker process: the cases of its partitions, its accounts, its clock."""

    def __init__(
        self, app: faust.App, settings: Settings, detector: Reads, rules: Rules, metrics: Metrics, state: Path | None
    ) -> None:
        self.app, self.settings, self.detector, self.rules, self.metrics = app, settings, detector, rules, metrics
        folder = state / "account" if state is not None else None
        self.accounts = {
            stage: Account(stage, folder / f"{stage}.json" if folder else None) for stage in ("detect", "track")
        }
        self.cases: dict[int, dict[str, Case]] = {}
        self.wakes: dict[str, date] = {}  # case id -> the day on which letting time pass could change it
        self.clock: Clock = PublishedClock() if settings.process.clock == "published" else WallClock()
        self.lock = asyncio.Lock()  # a tick and a signal must not write the same case side by side
        self.guard = GapGuard(app, (ITEMS.name, SIGNALS.name), self.leave_gap, self.save_accounts)
        self.assigned = False
        self.topics = {topic: _raw(app, topic) for topic in (ITEMS, SIGNALS, CASES, DEADLETTERS)}

    def wire_up(self) -> None:
        """Register the agents, the guard, the recovery and the timer with the app."""
        self.app.agent(self.topics[ITEMS], name="detect", concurrency=1)(self.detect)
        self.app.agent(self.topics[SIGNALS], name="track", concurrency=1)(self.track)
        self.app.on_rebalance_complete.connect(self.recover)
        self.app.on_partitions_revoked.connect(self.revoked)
        self.app.task(self.watch)
        if self.settings.process.clock == "wall":
            self.app.timer(TICK_SECONDS, name="tick")(self.on_timer)

    async def detect(self, stream: Any) -> None:
        """Agent: read each item and send its signals."""
        async for event in stream.events():
            await self.must(partial(self.one_item, event))

    async def track(self, stream: Any) -> None:
        """Agent: fold each signal into its case and send the case's records."""
        async for event in stream.events():
            await self.must(partial(self.one_signal, event))

    async def one_item(self, event: Any) -> None:
        """Handle one item to the end: outputs acknowledged, outcome counted."""
        started = time.perf_counter()
        source = _source(event)
        handled = handle_item(event.value or b"", source, self.detector, self.rules.register)
        self.metrics.detect_seconds.observe(time.perf_counter() - started)
        for signal in handled.signals:
            await self.send(SIGNALS, signal.case_id, wire.encode(signal), stage="detect")
        await self.finish("detect", handled, source)

    async def one_signal(self, event: Any) -> None:
        """Handle one signal to the end; the case's partition is the signal's."""
        source = _source(event)
        async with self.lock:
            mine = self.cases.setdefault(source.partition, {})
            before = self.clock.now()
            with contextlib.suppress(WireError):  # handle_signal makes it a dead letter
                self.clock.saw(wire.decode(event.value or b"", Signal))
            now = self.clock.now()
            if now.date() > before.date() and self.settings.process.clock == "published":
                await self.tick_all(now)
            handled = handle_signal(event.value or b"", source, mine, now, datetime.now(UTC), self.rules)
            await self.write(source.partition, handled.records)
        await self.finish("track", handled, source)

    async def on_timer(self) -> None:
        """Let dates pass, once a minute."""
        await self.must(self.tick_locked)

    async def tick_locked(self) -> None:
        """Let dates pass while no signal is being folded."""
        async with self.lock:
            await self.tick_all(self.clock.now())

    async def tick_all(self, now: datetime) -> None:
        """Write the cases for which a date has passed, or which a changed register or policy shows in a new light."""
        for partition, cases in self.cases.items():
            for case in tuple(cases.values()):
                wake = self.wakes.get(case.id)
                if wake is None or wake > now.date():
                    continue
                step = tick(case, now, datetime.now(UTC), self.rules)
                if step.changed:
                    await self.write(partition, records(step))
                if step.record is not None:
                    self.wakes[case.id] = next_date(step.record, now, self.rules) or date.max
                    await self.hand_over(case, step.record)
                await asyncio.sleep(0)  # thousands of cases must not hold up heartbeats

    async def hand_over(self, before: Case, after: Case) -> None:
        """Give the story of a case that another one stands for now to that one, as back-filled."""
        if after.superseded_by is not None and before.superseded_by is None:
            for signal in moved(after, self.rules.register):
                await self.send(SIGNALS, signal.case_id, wire.encode(signal), stage="track")

    async def write(self, partition: int, cases: tuple[Case, ...]) -> None:
        """Send records of one case, in order, and remember the last one."""
        for case in cases:
            await self.send(CASES, case.id, wire.encode(case), stage="track", partition=partition)
            self.cases.setdefault(partition, {})[case.id] = case
            self.wakes[case.id] = next_date(case, self.clock.now(), self.rules) or date.max
            if case.changed is not None:
                log.info(
                    "transition", case=case.id, kind=case.changed.kind, stage=case.changed.stage,
                    severity=case.changed.severity, at=case.changed.at.isoformat(),
                )  # fmt: skip

    async def finish(self, stage: str, handled: Handled, source: Source) -> None:
        """Send the dead letter if there is one, and count the outcome."""
        if handled.dead is not None:
            letter = handled.dead
            await self.send(DEADLETTERS, letter.source, wire.encode(letter), stage=stage)
            self.metrics.deadletters.labels(stage, letter.reason).inc()
            log.error("dead_letter", stage=stage, reason=letter.reason, error=letter.error, offset=source.offset)
        at = (source.topic, source.partition, source.offset)
        if self.accounts[stage].count(handled.outcome, handled.reason, at=at):
            self.metrics.inputs.labels(stage, handled.outcome, handled.reason).inc()
        else:
            self.metrics.redelivered.labels(stage).inc()
        if handled.fetched is not None:
            self.metrics.latency.labels(stage).observe(max(0.0, time.time() - handled.fetched.timestamp()))

    async def send(self, topic: Topic, key: str, value: bytes, *, stage: str, partition: int | None = None) -> None:
        """Send one record and wait for the broker's acknowledgement (the first await only queues)."""
        sent = await self.topics[topic].send(key=key.encode(), value=value, partition=partition)
        place = await sent
        if topic is not DEADLETTERS:
            self.accounts[stage].sent(topic.name, place.partition, place.offset)

    async def must(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do the work, again while the broker is away; leave the process where that cannot end well."""
        pause = 0.2
        while True:
            try:
                await work()
            except (KafkaError, ProducerSendError, OSError) as error:
                log.warning("send_failed", error=f"{type(error).__name__}: {error}", again_in_seconds=pause)
            except Exception:
                log.exception("unexpected")  # a fault of ours outside handle.py: stop before the input is acknowledged
                _leave()
            else:
                return
            await asyncio.sleep(pause)
            pause = min(pause * 2, 5.0)
            if self.app.should_stop:
                _leave()

    async def watch(self) -> None:
        """Leave the process when it has stopped moving; see processors/stall.py."""
        watch, consumer = StallWatch(), None
        while not self.app.should_stop:
            await asyncio.sleep(WATCH_SECONDS)
            consumer, now = self.app.consumer, time.monotonic()
            if not self.assigned:
                if watch.unassigned(now):
                    log.critical("no_assignment", seconds=UNASSIGNED_SECONDS)
                    _leave()
                continue
            try:
                found = await asyncio.wait_for(consumer.highwaters(*consumer.assignment()), WATCH_SECONDS)
            except (TimeoutError, KafkaError, OSError):
                continue  # the broker is away: standing still is right
            ends = {(tp.topic, tp.partition): end for tp, end in found.items()}
            if (place := watch.assigned(self.guard.position(), ends, now)) is not None:
                log.critical("stalled", topic=place[0], partition=place[1], seconds=STALL_SECONDS)
                _leave()

    async def revoked(self, *_: Any, **__: Any) -> None:
        """Hear that a rebalance has begun."""
        self.assigned = False

    async def recover(self, *_: Any, **__: Any) -> None:
        """Load the cases of newly assigned partitions and forget those of lost ones, before events are let through."""
        mine = {tp.partition for tp in self.app.consumer.assignment() if tp.topic == SIGNALS.name}
        async with self.lock:
            for partition in self.cases.keys() - mine:
                for case_id in self.cases.pop(partition):
                    self.wakes.pop(case_id, None)
            fresh = mine - self.cases.keys()
            try:
                reading = read_cases(self.settings.kafka, fresh)
                self.cases.update(await asyncio.wait_for(reading, RECOVERY_SECONDS))
            except (KafkaError, OSError, TimeoutError) as error:
                log.critical("recovery_failed", error=f"{type(error).__name__}: {error}")
                _leave()
            for partition in fresh:
                # Each is looked at once: the register or the policy may have changed since it was written.
                self.wakes.update(dict.fromkeys(self.cases[partition], date.min))
                if isinstance(self.clock, PublishedClock):
                    self.clock.recover(self.cases[partition].values())
        self.assigned = True
        self.save_accounts()  # also tells a supervisor that the worker is ready
        log.info("assigned", partitions=sorted(mine), cases=sum(len(cases) for cases in self.cases.values()))

    def save_accounts(self) -> None:
        """Save both accounts; called before each commit."""
        for account in self.accounts.values():
            account.save()

    def leave_gap(self, topic: str, partition: int, expected: int | None, got: int) -> None:
        """Leave because an event was skipped; the restart reads it.

        Where metrics are served it first stands still, loop and all, until the count has been scraped.
        """
        self.metrics.worker_gaps.inc()
        log.critical("gap", topic=topic, partition=partition, expected=expected, got=got)
        if self.settings.metrics.port:
            time.sleep(SCRAPE_SECONDS)
        _leave()


def _leave() -> None:
    """End the process at once, without the clean stop that would commit."""
    sys.stderr.flush()
    os._exit(EXIT_RESTART)


def _raw(app: faust.App, topic: Topic) -> Any:
    return app.topic(topic.name, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")


def _source(event: Any) -> Source:
    message = event.message
    return Source(message.topic, message.partition, message.offset, message.key, datetime.now(UTC))
