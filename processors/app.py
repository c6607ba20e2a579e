"""The Faust app, and the two defences without which Faust skips events (with agents.py the only files that import it).

`RewindingConsumer` repairs the cause: in a rebalance Faust throws a fetch away and relies on a seek to the committed
offset, which does nothing where nothing is committed yet (aio-libs/aiokafka#1003). `GapGuard` is the alarm behind it:
it knows which offset must come next and leaves with status 75 before anything beyond a gap is acknowledged, so that the
restart reads what was skipped. Both rest on raw values, topics without transactions or compaction, one agent a topic
and `earliest`. Pinned to faust-streaming 0.15.3 and aiokafka 0.14.0; tests/stack/test_worker.py shows when
upstream has repaired it.
"""

from __future__ import annotations

import os
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import faust
import structlog
from aiokafka.errors import IllegalStateError
from faust.transport.drivers import aiokafka as driver

from treatywatch.errors import TreatywatchError
from treatywatch.settings import Settings

APP_ID = "treatywatch"  # the consumer group of detect and track
EXIT_RESTART = 75  # EX_TEMPFAIL: the supervisor starts the worker again

log = structlog.get_logger()


class RewindingConsumer(driver.Consumer):
    """Put back what Faust throws away."""

    async def _getmany(self, active_partitions: Any, timeout: float) -> Any:  # noqa: ASYNC109  # Faust's signature
        records = await super()._getmany(active_partitions, timeout)
        if active_partitions is None:  # a client, not a worker
            return records
        unwanted = {
            tp: batch[0].offset for tp, batch in records.items() if not self.flow_active or tp not in active_partitions
        }
        if unwanted:
            mine = self.assignment()
            try:
                await self.seek_wait({tp: offset for tp, offset in unwanted.items() if tp in mine})
            except IllegalStateError:
                log.debug("assigned anew during a rewind; every position is set again")
        return {tp: batch for tp, batch in records.items() if tp not in unwanted}

    async def seek_to_committed(self) -> Any:
        """Seek to the committed offsets, and to the beginning where there are none."""
        committed = await super().seek_to_committed()
        unset = [tp for tp, offset in committed.items() if not offset and self.app.topics.acks_enabled_for(tp.topic)]
        if unset:
            await self.seek_wait(await self.earliest_offsets(*unset))
        return committed


class GapGuard(faust.Sensor):
    """Leave the process when a partition's next event is not the next offset.

    `leave` is called with (topic, partition, expected, got) and must not return; `before_commit` is called before
    offsets are committed. An offset below the expected one is a repeat and harmless.
    """

    def __init__(
        self,
        app: faust.App,
        topics: tuple[str, ...],
        leave: Callable[[str, int, int | None, int], None],
        before_commit: Callable[[], None],
    ) -> None:
        super().__init__()
        self._app, self._topics, self._leave, self._before_commit = app, topics, leave, before_commit
        self._next: dict[Any, int] = {}
        self._done: dict[Any, int] = {}  # one past the last finished event; stays true whoever had the partition since
        app.sensors.add(self)
        # Awaited in every rebalance, after the assignment and before events are let through.
        app.on_rebalance_complete.connect(self.on_assigned)

    async def on_assigned(self, *_: Any, **__: Any) -> None:
        """Learn which offset must come next in each partition that is ours now."""
        consumer: Any = self._app.consumer
        tps = [tp for tp in consumer.assignment() if tp.topic in self._topics]
        if not tps:
            return
        committed = await consumer.seek_to_committed()
        first = await consumer.earliest_offsets(*tps)  # nothing committed, or retention went past it
        for tp in tps:
            self._next[tp] = max(committed.get(tp) or 0, first[tp], self._done.get(tp, 0))

    def position(self) -> dict[tuple[str, int], int]:
        """Return the offset that must come next, for each partition that is ours now."""
        mine = self._app.consumer.assignment()
        return {(tp.topic, tp.partition): offset for tp, offset in self._next.items() if tp in mine}

    def on_stream_event_in(self, tp: Any, offset: int, stream: Any, event: Any) -> None:
        """See an event before the agent does."""
        if tp.topic in self._topics:
            expected = self._next.get(tp)
            if expected is None or offset > expected:
                self._leave(tp.topic, tp.partition, expected, offset)
            self._next[tp] = max(self._next.get(tp, 0), offset + 1)

    def on_stream_event_out(self, tp: Any, offset: int, stream: Any, event: Any, state: Any = None) -> None:
        """See that an event was finished."""
        if tp.topic in self._topics:
            self._done[tp] = max(self._done.get(tp, 0), offset + 1)

    def on_commit_initiated(self, consumer: Any) -> Any:
        """Let the accounts be saved before the offsets that they cover are."""
        self._before_commit()
        return super().on_commit_initiated(consumer)


def make_app(settings: Settings, state: Path | None) -> faust.App:
    """Build the app with everything that surprises in Faust's defaults set explicitly. Connects to nothing."""
    driver.Transport.Consumer = RewindingConsumer
    kafka = settings.kafka
    return faust.App(
        APP_ID,
        broker=";".join(f"kafka://{address}" for address in kafka.bootstrap.split(",")),
        broker_credentials=_credentials(settings),
        autodiscover=False,
        store="memory://",
        datadir=str((state or Path("/tmp")) / "faust"),  # noqa: S108  # created by Faust, never written: no tables
        topic_allow_declare=False,  # `treatywatch topics` creates topics, nobody else
        topic_disable_leader=True,
        consumer_auto_offset_reset="earliest",
        broker_session_timeout=kafka.session_timeout_seconds,
        broker_rebalance_timeout=max(4.0, kafka.session_timeout_seconds * 0.6),
        broker_heartbeat_interval=kafka.session_timeout_seconds / 5,
        broker_commit_interval=settings.process.commit_seconds,
        producer_acks=-1,
        producer_request_timeout=60.0,  # the default is 20 minutes
        producer_max_request_size=2_000_000,
        stream_wait_empty=True,
        web_enabled=False,  # Faust's would listen on 0.0.0.0 and serve table data
        worker_redirect_stdouts=False,
    )


def run_worker(app: faust.App, stop_seconds: float) -> int:
    """Run the worker until SIGTERM or SIGINT; returns the exit status.

    A worker that does not end in `stop_seconds` (some states of Faust hang) leaves with status 75: nothing unfinished
    is acknowledged, so nothing is lost.
    """

    @app.on_before_shutdown.connect
    def limit(*_: Any, **__: Any) -> None:
        timer = threading.Timer(stop_seconds, os._exit, args=(EXIT_RESTART,))
        timer.daemon = True
        timer.start()

    worker = faust.Worker(app, loglevel="WARN", quiet=True, redirect_stdouts=False, override_logging=False)
    try:
        worker.execute_from_commandline()
    except SystemExit as left:
        return left.code if isinstance(left.code, int) else 1
    return 0


def _credentials(settings: Settings) -> faust.types.auth.CredentialsT | None:
    kafka = settings.kafka
    context = None
    if kafka.security_protocol.endswith("SSL"):
        try:
            context = ssl.create_default_context(cafile=kafka.ca_file)
        except OSError as error:
            raise TreatywatchError(f"TREATYWATCH_KAFKA_CA_FILE={kafka.ca_file}: cannot be read: {error}") from error
    if kafka.security_protocol.startswith("SASL"):
        password = kafka.sasl_password.get_secret_value() if kafka.sasl_password else ""
        return faust.SASLCredentials(
            username=kafka.sasl_username or "",
            password=password,
            ssl_context=context,
            mechanism=faust.types.auth.SASLMechanism.PLAIN,
        )
    return faust.SSLCredentials(context) if context is not None else None
