"""Metrics and notify on the embedded broker, in this process: from a record on `cases` to a series and a line."""

from __future__ import annotations

import contextlib
import io
import os
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sinks.metrics import run_metrics
from sinks.notify import run_notify
from tests.sinks.lagging import read_sixty_of_150
from tests.sinks.told import a_transition, told_case
from treatywatch import broker
from treatywatch.embedded_broker import free_port, start_broker
from treatywatch.errors import InstanceError, ServerError
from treatywatch.metrics import Metrics
from treatywatch.settings import Kafka, Notify, Settings
from treatywatch.settings import Metrics as MetricsSettings
from treatywatch.topic_admin import ensure_topics
from treatywatch.topics import CASES
from treatywatch.wire import encode

pytestmark = pytest.mark.embedded

CONFIG = Path(__file__).parents[2] / "config"


@pytest.fixture
def kafka(tmp_path: Path) -> Iterator[Kafka]:
    """An embedded broker of the test's own."""
    (tmp_path / "logs").mkdir()
    child, address = start_broker(tmp_path, dict(os.environ))
    yield Kafka(bootstrap=address, partitions=1, session_timeout_seconds=2)  # its first join waits half of that
    child.stop(5.0)


def write_case(kafka: Kafka, *ids: str, hours_ago: float = 0) -> None:
    """Write a record of a case with these transitions."""
    instant = datetime.now(UTC) - timedelta(hours=hours_ago)
    case = told_case(*(a_transition(id, alertable_at=instant) for id in ids))
    producer = broker.producer(kafka)
    producer.send(CASES.name, key=case.id.encode(), value=encode(case)).get(20)
    producer.close()


class Running:
    """A role on a thread of its own; its error is raised at the end."""

    def __init__(self, role: Callable[[threading.Event], None]) -> None:
        self.stop = threading.Event()
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(role,))
        self._thread.start()

    def _run(self, role: Callable[[threading.Event], None]) -> None:
        try:
            role(self.stop)
        except BaseException as error:
            self.error = error

    def wait(self, holds: Callable[[], bool], seconds: float = 30) -> None:
        """Wait until something holds or the role has ended."""
        waited = threading.Event()
        for _ in range(int(seconds / 0.05)):
            if holds() or self.error is not None:
                break
            waited.wait(0.05)
        assert self.error is not None or holds()

    def end(self) -> None:
        """Stop the role and wait for it."""
        self.stop.set()
        self._thread.join(30)
        assert not self._thread.is_alive()
        if self.error is not None:
            raise self.error


def page(port: int) -> str:
    """The metrics page, empty while it is refused."""
    with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        return str(answer.read().decode())
    return ""


def test_a_record_becomes_a_series(kafka: Kafka) -> None:
    """Also one that was there before the role."""
    ensure_topics(kafka)
    write_case(kafka, "before")
    port = free_port()
    settings = Settings(kafka=kafka, metrics=MetricsSettings(port=port))
    metrics = Running(lambda stop: run_metrics(settings, stop, Metrics()))
    try:
        metrics.wait(lambda: 'transition="before"' in page(port))
        write_case(kafka, "before", "after")
        metrics.wait(lambda: 'transition="after"' in page(port))
    finally:
        metrics.end()


def test_lag_is_right_though_the_broker_misstates_the_end(kafka: Kafka) -> None:
    """It names the base offset of the last batch plus one."""
    read_sixty_of_150(kafka)


def test_a_record_becomes_a_line_once(kafka: Kafka, tmp_path: Path) -> None:
    """The second start repeats nothing, and what is too old is not told."""
    ensure_topics(kafka)
    settings = Settings(kafka=kafka, notify=Notify(hold_hours=2))
    write_case(kafka, "old", hours_ago=3)
    first, second = io.StringIO(), io.StringIO()

    def told(out: io.StringIO) -> int:
        return out.getvalue().count("URGENT ")

    notify = Running(lambda stop: run_notify(settings, CONFIG, tmp_path / "state", stop, Metrics(), first))
    try:
        write_case(kafka, "t1")
        notify.wait(lambda: told(first) == 1)
    finally:
        notify.end()
    notify = Running(lambda stop: run_notify(settings, CONFIG, tmp_path / "state", stop, Metrics(), second))
    try:
        write_case(kafka, "t1", "t2")
        notify.wait(lambda: told(second) == 1)
    finally:
        notify.end()

    assert told(first) == told(second) == 1


def test_a_topic_that_is_not_there_ends_the_roles_loudly(kafka: Kafka, tmp_path: Path) -> None:
    """With the status that asks for a restart."""
    settings = Settings(kafka=kafka, metrics=MetricsSettings(port=free_port()))

    with pytest.raises(ServerError, match="treatywatch topics") as from_metrics:
        run_metrics(settings, threading.Event(), Metrics())
    with pytest.raises(ServerError, match="treatywatch topics"):
        run_notify(settings, CONFIG, tmp_path / "state", threading.Event(), Metrics(), io.StringIO())

    assert from_metrics.value.exit_code == 75


def test_a_taken_port_of_notify_is_one_clear_line(kafka: Kafka, tmp_path: Path) -> None:
    """It names the setting."""
    ensure_topics(kafka)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        settings = Settings(kafka=kafka, notify=Notify(source="alertmanager", port=other.getsockname()[1]))

        with pytest.raises(InstanceError, match="TREATYWATCH_NOTIFY_PORT"):
            run_notify(settings, CONFIG, tmp_path / "state", threading.Event(), Metrics(), io.StringIO())
