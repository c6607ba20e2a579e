"""Rounds of load on workers and a real broker: items in, signals and cases out, and what must be true at the end."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from kafka.structs import TopicPartition

from tests.running import environment
from treatywatch import broker, wire
from treatywatch.children import Child
from treatywatch.errors import WireError
from treatywatch.model import Case, DeadLetter, Item, Signal
from treatywatch.settings import Kafka
from treatywatch.topic_admin import ensure_topics
from treatywatch.topics import CASES, DEADLETTERS, ITEMS, SIGNALS, Topic

PARTITIONS = 4
RATE = 200  # items a second
STATES = (
    "Estonia", "Latvia", "Lithuania", "Poland", "Finland", "Norway", "Sweden", "Denmark", "Germany", "France", "Spain",
    "Portugal", "Italy", "Austria", "Hungary", "Slovakia", "Slovenia", "Croatia", "Romania", "Bulgaria", "Greece",
    "Turkey", "Cyprus", "Malta", "Ireland", "Belgium", "Netherlands", "Luxembourg", "Iceland", "Canada", "Mexico",
    "Brazil", "Argentina", "Chile", "Peru", "Colombia", "Japan", "Australia", "Kenya", "Ghana",
)  # fmt: skip
TREATIES = (
    "Ottawa Convention", "Convention on Cluster Munitions", "Arms Trade Treaty", "Rome Statute",
    "Chemical Weapons Convention", "Non-Proliferation Treaty", "Energy Charter Treaty",
    "Paris Agreement", "Istanbul Convention", "Treaty on Open Skies",
)  # fmt: skip
STEPS = (
    "{state}'s parliament votes to leave the {treaty}",
    "{state} notifies the depositary of its withdrawal from the {treaty}",
)
DRIVER = """
import os, sys
from pathlib import Path
import processors.app as app

partition, offset, done = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
whole = app.RewindingConsumer._getmany

async def skipping(self, active_partitions, timeout):
    records = await whole(self, active_partitions, timeout)
    if done.exists():
        return records
    kept = {}
    for tp, batch in records.items():
        skip = [r for r in batch if (tp.topic, tp.partition, r.offset) == ("treatywatch.items", partition, offset)]
        kept[tp] = [r for r in batch if r not in skip]
        if skip:
            done.touch()
    return {tp: batch for tp, batch in kept.items() if batch}

app.RewindingConsumer._getmany = skipping
sys.argv = ["treatywatch", "process"]
from treatywatch.cli import main
main()
"""


def items() -> Iterator[Item]:
    """Yield items that each give one signal, no two of them for the same step of the same case."""
    now = datetime.now(UTC)
    for step in STEPS:
        for treaty in TREATIES:
            for state in STATES:
                title = step.format(state=state, treaty=treaty)
                yield Item(
                    id=wire.digest(title), title=title, outlet="Example Wire (illustrative)", published=now, fetched=now
                )


@dataclass
class Rounds:
    """One broker with our topics, some supervised workers, and the load on them."""

    bootstrap: str
    folder: Path
    workers: list[Child] = field(default_factory=list)
    acknowledged: dict[str, tuple[int, int]] = field(default_factory=dict)  # item id -> partition, offset

    def __post_init__(self) -> None:
        """Create the topics."""
        self.kafka = Kafka(bootstrap=self.bootstrap, partitions=PARTITIONS)
        ensure_topics(self.kafka)
        self._stop = threading.Event()
        self._supervisor = threading.Thread(target=self._supervise, daemon=True)
        self._supervisor.start()
        self._lock = threading.Lock()

    def start_worker(self, driver: list[str] | None = None, config: Path | None = None) -> Child:
        """Start one more worker of the group; it is started again whenever it ends, until `stop_worker`.

        With a configuration folder of its own where one is given.
        """
        settings = {
            "TREATYWATCH_KAFKA_BOOTSTRAP": self.bootstrap,
            "TREATYWATCH_KAFKA_PARTITIONS": str(PARTITIONS),
            "TREATYWATCH_KAFKA_SESSION_TIMEOUT_SECONDS": "10",
            "TREATYWATCH_LOG_FORMAT": "json",
            **({"TREATYWATCH_CONFIG": str(config)} if config else {}),
        }
        argv = [sys.executable, *(["-c", DRIVER, *driver] if driver else ["-m", "treatywatch", "process"])]
        number = len(self.workers)
        worker = Child(f"worker-{number}", argv, environment(settings), self.folder / f"worker-{number}.log")
        worker.start()
        with self._lock:
            self.workers.append(worker)
        return worker

    def stop_worker(self, worker: Child) -> None:
        """Stop a worker for good, cleanly."""
        worker.stop(20)

    def feed(self, seconds: float, pause: threading.Event | None = None) -> None:
        """Send items at a steady rate for some time and note what the broker has acknowledged."""
        producer = broker.producer(self.kafka)
        pending = []
        started = time.perf_counter()
        for number, item in enumerate(items()):
            if number / RATE > seconds:
                break
            pending.append((item.id, producer.send(ITEMS.name, key=item.id.encode(), value=wire.encode(item))))
            time.sleep(max(0.0, started + number / RATE - time.perf_counter()))
        producer.flush(120)
        for item_id, future in pending:
            placed = future.get(timeout=120)
            self.acknowledged[item_id] = (placed.partition, placed.offset)
        producer.close()

    def settle(self, seconds: float = 150.0) -> None:
        """Wait until both agents have committed everything that is on their topics."""
        deadline = time.monotonic() + seconds
        while self._behind():
            assert time.monotonic() < deadline, f"still behind: {self._behind()}\n{self.logs()}"
            time.sleep(0.5)

    def check(self) -> None:
        """Check that every acknowledged item has its signal, every signal its place in its case, and nothing died."""
        signals = {signal.id: signal for signal in self.read(SIGNALS, Signal)}
        lost = set(self.acknowledged) - {signal.item for signal in signals.values()}
        assert not lost, f"{len(lost)} of {len(self.acknowledged)} items are in no signal\n{self.logs()}"
        cases: dict[str, Case] = {}
        for case in self.read(CASES, Case):
            if case.id not in cases or case.revision >= cases[case.id].revision:
                cases[case.id] = case
        held = {kept.id for case in cases.values() for entry in case.history for kept in entry.evidence}
        assert not set(signals) - held, (
            f"{len(set(signals) - held)} of {len(signals)} signals are in no case\n{self.logs()}"
        )
        told = Counter(t.id for case in cases.values() for t in case.transitions)
        assert set(told.values()) == {1}
        letters = list(self.read(DEADLETTERS, DeadLetter))
        assert not letters, letters[0].error

    def read(self, topic: Topic, kind: type) -> Iterator:  # type: ignore[type-arg]
        """Read a topic whole."""
        consumer = broker.consumer(self.kafka, None)
        try:
            places = [TopicPartition(topic.name, n) for n in range(PARTITIONS)]
            consumer.assign(places)
            ends = consumer.end_offsets(places)
            while any(consumer.position(tp) < ends[tp] for tp in places):
                for chunk in consumer.poll(timeout_ms=500).values():
                    for record in chunk:
                        with contextlib.suppress(WireError):  # what a test has put there on purpose
                            yield wire.decode(record.value or b"", kind)
        finally:
            consumer.close()

    def gaps(self) -> int:
        """Return how often a worker has left because of a gap."""
        return sum(worker.log.read_text(errors="replace").count('"event": "gap"') for worker in self.workers)

    def logs(self) -> str:
        """Return what an engineer wants to see of a failed round."""
        wanted = ("gap", "critical", "error", "warning", "assigned")
        lines = []
        for worker in self.workers:
            found = [
                line for line in worker.log.read_text(errors="replace").splitlines() if any(w in line for w in wanted)
            ]
            lines += [f"{worker.name}: {line[:300]}" for line in found[-8:]]
        return "\n".join(lines)

    def close(self) -> None:
        """End the workers."""
        self._stop.set()
        self._supervisor.join()
        for worker in self.workers:
            worker.stop(15)

    def _behind(self) -> dict[str, int]:
        client, consumer = broker.admin(self.kafka), broker.consumer(self.kafka, None)
        try:
            places = [TopicPartition(topic.name, n) for topic in (ITEMS, SIGNALS) for n in range(PARTITIONS)]
            ends = consumer.end_offsets(places)
            done = broker.committed(client, "treatywatch")
            return {
                f"{tp.topic}-{tp.partition}": left for tp in places if (left := ends[tp] - max(0, done.get(tp, 0))) > 0
            }
        finally:
            client.close()
            consumer.close()

    def _supervise(self) -> None:
        while not self._stop.wait(0.2):
            with self._lock:
                workers = list(self.workers)
            for worker in workers:
                worker.revive()


SEED = int(os.environ.get("TREATY_TEST_SEED", "0"))
