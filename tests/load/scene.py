"""Run the publishers and the producer against a real Kafka, kill what is to be killed, and gather what is to be judged.

Nothing is judged here: book.py compares, and the tests and the command say what is good enough.
"""

from __future__ import annotations

import json
import os
import re
import socket
import sqlite3
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from kafka.structs import TopicPartition

from producers.state import FILE
from tests.load.book import AWAY, KILL, Findings, Record, Request, Window, compare, percentile
from tests.load.world import Plan, world
from tests.stack.servers.kafka import Kafka
from tests.stack.servers.process import Server, free_port
from treatywatch import broker, wire
from treatywatch.model import Item
from treatywatch.settings import Kafka as KafkaSettings
from treatywatch.topic_admin import ensure_topics
from treatywatch.topics import ITEMS

ROOT = Path(__file__).resolve().parents[2]
TITLE = re.compile(r"(feed-\d+) item (\d+) version (\d)")
SAMPLE_SECONDS = 0.5
DRAIN_SECONDS = 60.0
PAGE = os.sysconf("SC_PAGE_SIZE")

Progress = Callable[[float, str], None]


class Module(Server):
    """One of our modules as a process."""

    def __init__(self, folder: Path, name: str, *arguments: str, port: int | None = None) -> None:
        self.name, self.arguments, self.listens = name, arguments, port is not None
        super().__init__(folder, port or free_port())

    def command(self) -> list[str]:
        """Return the module's command line."""
        return [sys.executable, "-m", f"tests.load.{self.name}", *self.arguments]

    def environment(self) -> dict[str, str]:
        """Return where the module is found."""
        return {"PYTHONPATH": str(ROOT)}

    def answers(self) -> bool:
        """Say whether its port is open, if it has one."""
        return not self.listens or not _free(self.port)

    @property
    def pid(self) -> int:
        """The process."""
        assert self._process is not None
        return self._process.pid


@dataclass
class Sample:
    """The producer at a moment: which process it is, its resident bytes and CPU seconds, its children's included.

    `readers` are the bytes of the processes in which it reads feeds, `waiting` is how many items are in its outbox.
    """

    at: float
    life: int
    resident: int
    readers: int
    cpu: float
    waiting: int


@dataclass
class Scene:
    """What to do in one run; times in seconds from its begin, which is when it is run."""

    plan: Plan
    spacing: float = 1.0
    kill_at: float | None = None
    away_at: float | None = None
    away_for: float = 60.0
    hard: bool = True  # the broker is killed, not stopped; it then takes ten seconds more to come back
    samples: list[Sample] = field(default_factory=list)
    windows: list[Window] = field(default_factory=list)
    down_for: float = 0.0  # seconds from the kill of the producer to the first request after it
    recovered_after: float = 0.0  # seconds from the broker's return to the first item in the topic

    def run(self, kafka: Kafka, folder: Path, progress: Progress = lambda done, text: None) -> Findings:
        """Run it; returns what the book and the topic say."""
        folder.mkdir(parents=True, exist_ok=True)
        self.plan = replace(self.plan, begins=time.time() + 2)
        settings = KafkaSettings(bootstrap=kafka.bootstrap)
        ensure_topics(settings)
        plan, port, book = json.dumps(asdict(self.plan)), free_port(), folder / "book.jsonl"
        publishers = Module(folder, "server", plan, str(port), str(book), port=port)
        producer = Module(
            folder, "producer", plan, str(port), kafka.bootstrap, str(folder / "state"), str(self.spacing)
        )
        publishers.start()
        began = time.time()
        producer.launch()
        try:
            self._play(producer, kafka, folder / "state", progress)
            self._drain(producer, folder / "state")
            ended = time.time()
            producer.stop(30)
        finally:
            producer.kill()
            publishers.kill()
        requests, records = read_book(book), read_topic(settings)
        self._close_windows(requests, records)
        return compare(world(self.plan), requests, records, began, ended, self.windows)

    def _play(self, producer: Module, kafka: Kafka, state: Path, progress: Progress) -> None:
        steps = []
        if self.kill_at is not None:
            steps.append((self.kill_at, lambda: self._kill(producer)))
        if self.away_at is not None:
            steps.append((self.away_at, lambda: self._take_away(kafka)))
            steps.append((self.away_at + self.away_for, lambda: self._bring_back(kafka)))
        steps.sort(key=lambda step: step[0])
        begins = time.time()
        while (passed := time.time() - begins) < self.plan.lasts:
            if steps and passed >= steps[0][0]:
                steps.pop(0)[1]()
            sample = observe(producer, state)
            self.samples.append(sample)
            progress(passed / self.plan.lasts, f"{sample.resident / 1e6:.0f} MB, {sample.waiting} in the outbox")
            if not producer.alive:
                raise AssertionError(f"the producer ended:\n{producer.log.read_text(encoding='utf-8')[-3000:]}")
            time.sleep(SAMPLE_SECONDS)

    def _drain(self, producer: Module, state: Path) -> None:
        """Let the producer send what it has: nothing is published any more, and what it holds is not lost."""
        deadline = time.time() + DRAIN_SECONDS
        while time.time() < deadline and observe(producer, state).waiting:
            time.sleep(SAMPLE_SECONDS)

    def _kill(self, producer: Module) -> None:
        killed = time.time()
        producer.kill()
        producer.launch()
        self.windows.append(Window(KILL, killed, killed))

    def _take_away(self, kafka: Kafka) -> None:
        self.windows.append(Window(AWAY, time.time(), float("inf")))
        if self.hard:
            kafka.kill()
        else:
            kafka.stop()

    def _bring_back(self, kafka: Kafka) -> None:
        kafka.start()
        self.windows[-1] = Window(AWAY, self.windows[-1].begins, time.time())

    def _close_windows(self, requests: Sequence[Request], records: Sequence[Record]) -> None:
        """Let each window last until all is as before.

        For the broker that is two seconds after the first item that follows its return. For the producer it is twice
        as long as nobody asked: feeds that were overdue are spread over that time again.
        """
        for n, window in enumerate(self.windows):
            if window.what == AWAY:
                first = min((r.at for r in records if r.at > window.ends), default=window.ends)
                self.recovered_after = first - window.ends
                self.windows[n] = replace(window, ends=first + 2)
            else:
                first = min((r.came for r in requests if r.came > window.begins), default=window.begins)
                self.down_for = first - window.begins
                self.windows[n] = replace(window, ends=first + self.down_for)

    def figures(self, found: Findings) -> dict[str, float]:
        """Return the run in figures, for a report."""
        shares = [gap.share for gap in found.gaps]
        last = max(sample.life for sample in self.samples)
        lives = [[s for s in self.samples if s.life == life] for life in range(1, last + 1)]
        return {
            "feeds": self.plan.feeds,
            "hosts": self.plan.hosts,
            "polls": found.polls,
            "not modified": found.not_modified,
            "items": found.items,
            "lost": len(found.lost),
            "twice": len(found.twice),
            "never polled": len(found.never_polled),
            "poll gap / interval p50": percentile(shares, 0.5),
            "poll gap / interval p99": percentile(shares, 0.99),
            "poll gap / interval max": percentile(shares, 1),
            "least spacing per host s": found.spacing,
            "served to Kafka p50 s": percentile(found.served_to_kafka, 0.5),
            "served to Kafka p99 s": percentile(found.served_to_kafka, 0.99),
            "published to Kafka less interval p99 s": percentile(found.beyond_interval, 0.99),
            "items timed": len(found.beyond_interval),
            "under fault, served to Kafka max s": max(found.under_fault, default=0.0),
            "producer killed to first request s": self.down_for,
            "broker back to first item s": self.recovered_after,
            "memory growth": memory_growth(self.samples),
            "resident MB at the end": self.samples[-1].resident / 1e6,
            "of which readers MB": self.samples[-1].readers / 1e6,
            "CPU ms per poll": 1000 * sum(life[-1].cpu for life in lives if life) / max(1, found.polls),
        }


def observe(producer: Module, state: Path) -> Sample:
    """Look at the producer now."""
    pids = [producer.pid, *_children(producer.pid)]
    resident, readers, cpu = 0, 0, 0.0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        except OSError:
            continue
        cpu += (int(fields[11]) + int(fields[12])) / 100
        held = int(fields[21]) * PAGE
        resident += held
        readers += held if pid != producer.pid else 0
    try:
        with closing(sqlite3.connect(f"{(state / FILE).as_uri()}?mode=ro", uri=True, timeout=5)) as db:
            waiting = int(db.execute("SELECT count(*) FROM outbox WHERE run IS NULL").fetchone()[0])
    except sqlite3.Error:
        waiting = 0  # not made yet
    return Sample(time.time(), producer.starts, resident, readers, cpu, waiting)


def memory_growth(samples: Sequence[Sample], after: float = 0.4) -> float:
    """Return by what share the first process grew from the time when its first round was over to its end.

    Medians over a tenth of its life: the first begins after `after` of it. The first process is the one that polls
    every feed in its first minute; one that is started again keeps their phases, and its first round lasts as long as
    the longest interval.
    """
    life = [s for s in samples if s.life == samples[0].life]
    tenth = max(1, len(life) // 10)
    start = int(len(life) * after)
    early, late = life[start : start + tenth], life[-tenth:]
    return percentile([s.resident for s in late], 0.5) / percentile([s.resident for s in early], 0.5) - 1


def read_book(book: Path) -> list[Request]:
    """Read the publishers' book; a line cut off by their end is left out."""
    lines = book.read_text(encoding="ascii").splitlines(keepends=True)
    rows = [json.loads(line) for line in lines if line.endswith("\n")]
    return [
        Request(came, answered, feed, status, [(n, v) for n, v in shown])
        for came, answered, feed, status, shown in rows
    ]


def read_topic(settings: KafkaSettings) -> list[Record]:
    """Read all items of the topic."""
    consumer = broker.consumer(settings, None)
    try:
        partitions = [TopicPartition(ITEMS.name, p) for p in consumer.partitions_for_topic(ITEMS.name)]
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)
        ends = consumer.end_offsets(partitions)
        records = []
        while any(consumer.position(tp) < ends[tp] for tp in partitions):
            for some in consumer.poll(timeout_ms=1000).values():
                records += [_record(message.value, message.timestamp / 1000) for message in some]
        return records
    finally:
        consumer.close()


def _record(value: bytes, at: float) -> Record:
    item = wire.decode(value, Item)
    match = TITLE.fullmatch(item.title)
    assert match is not None, item.title
    return Record((match[1], int(match[2]), int(match[3])), item.id, item.revision, at, item.backfill)


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
    except OSError:
        return []


def _free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0
