"""Follow a topic from its beginning, without a group: how metrics, notify and live keep every case in memory.

The cases topic is compacted, so reading it whole at each start is cheap, and nothing has to be stored or committed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from kafka.structs import TopicPartition

from sinks.consume import Record
from treatywatch import broker
from treatywatch.errors import ServerError
from treatywatch.settings import Kafka
from treatywatch.topics import Topic


class Follower:
    """Read a topic on a thread and hand each record to `take`, in order per partition.

    `caught_up` is set once everything that was there at the start has been handed over, at once for an empty topic.
    `take` is called on the follower's thread, once for each record; a broker that is away is waited for, and reading
    goes on where it was. If `take` or the connection fails for good, `failure` holds the error and the follower ends
    (its role must then stop loudly).
    """

    def __init__(self, settings: Kafka, topic: Topic, take: Callable[[Record], None]) -> None:
        self.caught_up = threading.Event()
        self.failure: BaseException | None = None
        self._settings, self._topic, self._take = settings, topic, take
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"follow {topic.name}", daemon=True)

    def start(self) -> None:
        """Begin to read; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """Stop reading and wait for the thread; harmless before `start`, and twice."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join(timeout=10)

    def _run(self) -> None:
        try:
            with broker.explained(self._settings):
                self._follow()
        except BaseException as error:
            self.failure = error

    def _follow(self) -> None:
        consumer = broker.consumer(self._settings, None)
        try:
            partitions = sorted(consumer.partitions_for_topic(self._topic.name) or ())
            if not partitions:
                raise ServerError(f"topic {self._topic.name} does not exist; run `treatywatch topics`")
            assigned = [TopicPartition(self._topic.name, p) for p in partitions]
            consumer.assign(assigned)
            behind = set(assigned)
            while not self._stop.is_set():
                for chunk in consumer.poll(timeout_ms=500).values():
                    for r in chunk:
                        self._take(Record(r.topic, r.partition, r.offset, r.key, r.value or b""))
                if behind:
                    # The high watermark comes with every fetch. (Asking for end offsets is wrong on the embedded
                    # broker, which answers with the base offset of the last batch plus one.)
                    behind -= {
                        tp
                        for tp in behind
                        if (end := consumer.highwater(tp)) is not None and consumer.position(tp) >= end
                    }
                    if not behind:
                        self.caught_up.set()
        finally:
            consumer.close()
