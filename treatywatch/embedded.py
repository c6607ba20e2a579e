"""Everything on one machine: what `treatywatch up` starts, feeds, watches, shows and stops.

    broker ─> topics ─> feed again what the store holds ─> roles ─> input ─> … ─> stop, last first

The embedded broker forgets everything when it ends, so nothing but the state folder counts: the outbox of items
(producer.sqlite), the signals and cases (store.sqlite), the sent log (notify.sqlite). After `kill -9` of everything, at
any moment, the next start feeds the broker from these and ends with the same cases. If the broker alone dies, all roles
are stopped and the whole is started again.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import shutil
import signal
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console

from processors.app import APP_ID
from producers.files import count_lines
from producers.run import settle
from sinks.consume import Record
from sinks.follow import Follower
from sinks.index import group as index_group
from sinks.names import Names
from sinks.notify.channels import open_channels
from sinks.sqlite import SqliteStore
from treatywatch import broker, whereabouts, wire
from treatywatch.account import Account, Outcome
from treatywatch.actors import load_actors
from treatywatch.children import Child
from treatywatch.embedded_broker import free_port, start_broker
from treatywatch.embedded_roles import Input, arguments, environment, metrics_port
from treatywatch.errors import EXIT_DISK, ConfigError, InstanceError, ServerError, TreatywatchError
from treatywatch.feed_again import feed_again
from treatywatch.instance import check_port, only_instance
from treatywatch.kept_letters import KeptLetters
from treatywatch.model import Case
from treatywatch.progress import Committed, behind
from treatywatch.register import load_register
from treatywatch.roles import ROLES, Role
from treatywatch.screen import Screen
from treatywatch.settings import Kafka, Settings
from treatywatch.topic_admin import ensure_topics
from treatywatch.topics import CASES, DEADLETTERS

__all__ = ["ROLES", "Input", "Role", "up"]

LOOP_SECONDS = 0.1
CHECK_SECONDS = 0.5  # between looks at how far the input is
SETTLED_CHECKS = 4  # looks in a row that find nothing left to do
READY_SECONDS = 20.0  # after this the input begins whether the worker is ready or not
STOP_SECONDS = 12.0  # a role that has not ended by then is killed
FATAL = (ConfigError.exit_code, InstanceError.exit_code, EXIT_DISK)
ENDED = "ended"  # marks a demo that is over
LEAST_SPACE = 20_000_000  # bytes; below this nothing is started, or started again


class BrokerLostError(TreatywatchError):
    """The embedded broker ended; everything in it is gone and is fed again."""


def up(settings: Settings, config: Path, state: Path, source: Input, console: Console) -> int:
    """Run everything until the input is through (with `exit`) or until SIGINT or SIGTERM; returns the exit status.

    Raises InstanceError for a second instance or a port that is taken, ConfigError for faults in the configuration.
    """
    screen = Screen(console, load_register(config), load_actors(config))
    open_channels(settings.notify.model_copy(update={"terminal": True}), sys.stdout)  # a wrong address is told now
    folder = state / "demo" if source.demo else state
    with only_instance(folder), _signals() as asked_to_stop:
        if (free := shutil.disk_usage(folder).free) < LEAST_SPACE:
            raise InstanceError(_full(folder, free))
        check_port(settings.live.host, settings.live.port, "TREATYWATCH_LIVE_PORT")
        check_port(settings.metrics.host, metrics_port(settings), "TREATYWATCH_METRICS_PORT")
        if source.demo:
            _begin_demo(folder)
        while True:
            run = _Run(settings, config, folder, source, screen, asked_to_stop)
            try:
                status = run.run()
            except BrokerLostError as lost:
                screen.clear()
                screen.say(f"{lost}; starting again from the state folder")
                continue
            finally:
                run.stop()
            if source.demo and status == 0:
                (folder / ENDED).touch()  # stopped on purpose: the next start shows the demo from its beginning
            return status


class _Stop:
    def __init__(self) -> None:
        self.asked = False


@contextlib.contextmanager
def _signals() -> Iterator[_Stop]:
    """Turn SIGINT, SIGTERM and SIGHUP into a flag; a second one while stopping changes nothing."""
    stop = _Stop()

    def ask(number: int, frame: object) -> None:
        stop.asked = True

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(number, ask) for number in numbers]
    try:
        yield stop
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def _begin_demo(folder: Path) -> None:
    """Empty the demo's state folder if the last run ended; a run that was killed is continued."""
    if (folder / ENDED).exists():
        for child in folder.iterdir():
            if child.name == "lock":
                continue  # held by this very process
            if child.is_dir():
                shutil.rmtree(child)
            else:
                child.unlink()


def _full(folder: Path, free: int) -> str:
    return f"the disk with {folder} is full ({free:,} bytes left); make room and start again"


@dataclass
class _Run:
    """One life of the broker with everything around it."""

    settings: Settings
    config: Path
    state: Path
    source: Input
    screen: Screen
    asked: _Stop
    children: list[Child] = field(default_factory=list)  # in the order of starting
    shown: set[str] = field(default_factory=set)  # ids of transitions that an earlier life has shown
    cases: dict[str, Case] = field(default_factory=dict)
    records: queue.SimpleQueue[Case] = field(default_factory=queue.SimpleQueue)
    follower: Follower | None = None
    letters: Follower | None = None
    kafka: Kafka = field(default_factory=Kafka)
    newsroom: str | None = None

    def run(self) -> int:
        """Start everything, work, and return the exit status; the caller stops what was started."""
        self.screen.say("starting: broker, worker, store, alerts, page …")
        self._start_broker()
        shutil.rmtree(self.state / "account", ignore_errors=True)  # an account is of one life of the broker
        self._feed_again()
        self.follower = Follower(self.kafka, CASES, self._take)
        self.follower.start()
        letters = KeptLetters(self.state)
        self.letters = Follower(self.kafka, DEADLETTERS, lambda record: letters.keep(record.value))
        self.letters.start()
        if self.source.demo:
            self._start_newsroom()
        for role in ROLES:
            if role.name == "produce":
                self._await_worker()
            self._start(role.name, arguments(role, self.source, self.newsroom))
        self.screen.say(f"live page: http://{self.settings.live.host}:{self.settings.live.port}/  (Ctrl-C stops)")
        return self._work()

    def stop(self) -> None:
        """Stop every child, the broker last, and the follower. Nothing is left behind."""
        self.screen.clear()
        for follower in (self.follower, self.letters):
            if follower is not None:
                follower.stop()
        whereabouts.forget(self.state)
        for child in self.children:
            if child.name != "broker":
                child.ask_to_stop()
        for child in reversed(self.children):
            child.stop(STOP_SECONDS)
        self.children.clear()

    # -- starting

    def _start_broker(self) -> None:
        if not self.settings.kafka.embedded:
            self.kafka = self.settings.kafka
            ensure_topics(self.kafka)
            return
        child, address = start_broker(self.state, os.environ | {"TREATYWATCH_STATE": str(self.state)})
        self.children.append(child)
        # One partition: order is kept from end to end. Short time-outs: Tansu lets a first join wait half of one.
        self.kafka = Kafka(bootstrap=address, partitions=1, session_timeout_seconds=4, fetch_wait_ms=100)
        ensure_topics(self.kafka)
        whereabouts.tell(self.state, address)

    def _feed_again(self) -> None:
        store = self.state / "store.sqlite"
        if not self.settings.kafka.embedded or not store.exists():
            return
        fed = feed_again(self.kafka, store, Names(self.screen.register, self.screen.actors))
        self.shown |= fed.transitions
        if fed.records:
            self.screen.say(f"goes on with what an earlier run has stored: {fed.records:,} records")

    def _start_newsroom(self) -> None:
        port = free_port()
        self.newsroom = f"http://127.0.0.1:{port}"
        argv = ["newsroom", "--port", str(port), "--seconds", str(self.source.seconds)]
        self._start("newsroom", argv)
        deadline = time.monotonic() + 20
        while self._newsroom_status() is None:
            if time.monotonic() > deadline or self.children[-1].status is not None:
                raise ServerError(f"the demo newsroom did not start\n{self.children[-1].tail()}")
            time.sleep(LOOP_SECONDS)

    def _await_worker(self) -> None:
        """Wait until the worker has its partitions, so that the first news meets a pipeline that is ready."""
        deadline = time.monotonic() + READY_SECONDS
        while not (self.state / "account" / "detect.json").exists() and time.monotonic() < deadline:
            if self.asked.asked or not all(child.alive for child in self.children):
                return
            time.sleep(LOOP_SECONDS)

    def _start(self, name: str, argv: list[str]) -> None:
        child = Child(
            name,
            [sys.executable, "-m", "treatywatch", *argv],
            environment(name, self.settings, self.kafka, self.config, self.state, self.source),
            self.state / "logs" / f"{name}.log",
            stdin=self.source.items == "-" and name == "produce",
        )
        child.start()
        self.children.append(child)

    # -- working

    def _work(self) -> int:
        total = self._lines()
        next_check, settled, ended = 0.0, 0, False
        while not self.asked.asked:
            self._show()
            failed = self._revive()
            if failed is not None:
                return failed
            if ended:
                time.sleep(LOOP_SECONDS)
                continue
            if time.monotonic() < next_check:
                time.sleep(LOOP_SECONDS)
                continue
            next_check = time.monotonic() + CHECK_SECONDS
            accounts = self._accounts()
            if self._progress(accounts, total):
                left = behind(accounts, self._committed(), APP_ID, index_group(self.settings))
                settled = settled + 1 if left is None else 0
                if settled >= SETTLED_CHECKS:
                    ended = True
                    if self.source.demo:
                        (self.state / ENDED).touch()  # also when the page is killed later
                    self._show()
                    self._close(accounts)
                    if self.source.exit:
                        return 0
                    self.screen.say("the page stays up; Ctrl-C stops everything")
            time.sleep(LOOP_SECONDS)
        self.screen.clear()
        self.screen.say("stopping …")
        return 0

    def _lines(self) -> int:
        """Count the item lines, for the progress bar; 0 where that cannot be known beforehand."""
        if self.source.items in (None, "-"):
            return 0
        try:
            return count_lines(self.source.items)
        except TreatywatchError:
            return 0  # a damaged file: the producer tells, after what can be read

    def _show(self) -> None:
        """Show the transitions that have arrived; on the main thread, since the terminal is."""
        assert self.follower is not None
        if self.follower.failure is not None and all(child.alive for child in self.children):
            raise self.follower.failure
        while True:
            try:
                case = self.records.get_nowait()
            except queue.Empty:
                return
            self.cases[case.id] = case
            # All of them, not only `changed`: a crash between two records of one step leaves the later one unwritten.
            for transition in case.transitions:
                if transition.id not in self.shown:
                    self.shown.add(transition.id)
                    self.screen.transition(msgspec.structs.replace(case, changed=transition))

    def _take(self, record: Record) -> None:
        self.records.put(wire.decode(record.value, Case))

    def _revive(self) -> int | None:
        """Start again what has ended; returns an exit status where that makes no sense."""
        for child in self.children:
            if child.alive:
                continue
            if child.name == "broker":
                raise BrokerLostError(f"the broker ended with status {child.status}")
            if child.name == "produce" and self.source.items is not None and child.status == 0:
                child.finished = True  # the file is read
                continue
            status = child.revive()
            if status is None:
                continue
            if (free := shutil.disk_usage(self.state).free) < LEAST_SPACE:
                self.screen.clear()
                self.screen.say(f"{child.name} ended with status {status}; {_full(self.state, free)}")
                return EXIT_DISK
            # An error in the settings, a port that is taken, a file that cannot be read: a restart mends nothing.
            reading = child.name == "produce" and self.source.items is not None and status == 1
            if reading or status in FATAL:
                self.screen.clear()
                self.screen.say(f"{child.name} ended with status {status}:\n{child.tail()}\nits log: {child.log}")
                return status
            self.screen.say(
                f"{child.name} ended with status {status}; started again (log: {child.log})\n  {child.tail(1)}"
            )
        return None

    def _progress(self, accounts: dict[str, Account], total: int) -> bool:
        """Show how far the input is; returns whether the whole of it has left its source."""
        if self.source.demo:
            status = self._newsroom_status()
            if status is None:
                return False
            self.screen.advance(f"demo, news of {status['date']}", int(status["played"]), int(status["of"]))
            return bool(status["ended"])
        if self.source.items is not None:
            produced = next(child for child in self.children if child.name == "produce")
            done = accounts["detect"].received
            self.screen.advance("items through detect", done, max(total, accounts["produce"].received, 1))
            return produced.finished
        detected = accounts["detect"]
        self.screen.status(
            f"watching: {detected.received:,} items read, {detected.total(Outcome.PASSED):,} of them say something, "
            f"{len(self.cases):,} cases"
        )
        return False

    def _newsroom_status(self) -> dict[str, Any] | None:
        try:
            with urllib.request.urlopen(f"{self.newsroom}/status", timeout=2) as answer:  # noqa: S310  # our own server
                return dict(json.load(answer))
        except (OSError, ValueError):
            return None

    def _accounts(self) -> dict[str, Account]:
        return {
            stage: Account(stage, self.state / "account" / f"{stage}.json")
            for stage in ("produce", "detect", "track", "index")
        }

    def _committed(self) -> Committed:
        client = broker.admin(self.kafka)
        try:
            return {
                group: {f"{tp.topic}-{tp.partition}": offset for tp, offset in broker.committed(client, group).items()}
                for group in (APP_ID, index_group(self.settings))
            }
        finally:
            client.close()

    def _close(self, accounts: dict[str, Account]) -> None:
        """Print the table of cases and, for a file, the account."""
        self.screen.clear()
        self.screen.cases(self.cases.values())
        if self.source.items is not None:
            settle(self.state, self._committed()[APP_ID])
            store = SqliteStore(self.state / "store.sqlite", Names(self.screen.register, self.screen.actors))
            try:
                signals, cases = store.count()
                self.screen.accounts(accounts, {"signals": signals, "cases": cases})
                if any(account.total(Outcome.DEAD) for account in accounts.values()):
                    self.screen.say(f"  dead letters: treatywatch deadletters list --state {self.state}")
            finally:
                store.close()
