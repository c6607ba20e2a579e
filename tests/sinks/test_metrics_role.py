"""The metrics role: transitions as series, lag by group, 503 until the topic is read."""

from __future__ import annotations

import socket
import threading
import urllib.error
import urllib.request
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kafka.structs import TopicPartition
from prometheus_client import CollectorRegistry, generate_latest, make_wsgi_app

from sinks.lag import Ends, Lag, lag, topics_of
from sinks.metrics import TransitionCollector, gate, serve, show_lag
from tests.sinks.told import NOON, Clock, a_transition, told_case
from treatywatch.errors import InstanceError
from treatywatch.metrics import Metrics
from treatywatch.model import Severity, Stage


def series(collector: TransitionCollector) -> dict[tuple[str, str, str], float]:
    """What is exposed: (transition, stage, severity) -> instant."""
    (family,) = collector.collect()
    return {(s.labels["transition"], s.labels["stage"], s.labels["severity"]): s.value for s in family.samples}


def test_each_alertable_transition_is_one_series_with_its_instant() -> None:
    """The value is when it became alertable, so a restart shows the same again."""
    collector = TransitionCollector(Clock())
    collector.put(told_case(a_transition("t1"), a_transition("t2", stage=Stage.NOTIFIED, severity=Severity.NOTICE)))

    again = TransitionCollector(Clock(NOON + timedelta(hours=1)))
    again.put(told_case(a_transition("t1"), a_transition("t2", stage=Stage.NOTIFIED, severity=Severity.NOTICE)))

    expected = {("t1", "approved", "urgent"): NOON.timestamp(), ("t2", "notified", "notice"): NOON.timestamp()}
    assert series(collector) == series(again) == expected


def test_nothing_is_exposed_of_a_transition_that_nobody_is_told() -> None:
    """Beside it, the one of the same case that people are told is."""
    collector = TransitionCollector(Clock())
    collector.put(told_case(a_transition("back-filled", alertable_at=None), a_transition("live")))

    assert [key[0] for key in series(collector)] == ["live"]


def test_a_series_ends_after_seven_days_by_itself() -> None:
    """No new record of the case is needed for that."""
    clock = Clock()
    collector = TransitionCollector(clock)
    collector.put(told_case(a_transition()))

    clock.forward(days=6, hours=23)
    young = series(collector)
    clock.forward(hours=1)

    assert len(young) == 1
    assert series(collector) == {}


def test_a_later_record_of_the_case_replaces_the_earlier() -> None:
    """What the latest record does not name is not exposed."""
    collector = TransitionCollector(Clock())
    collector.put(told_case(a_transition("t1")))
    collector.put(told_case(a_transition("t1"), a_transition("t2"), revision=2))
    both = series(collector)
    collector.put(told_case(revision=3))

    assert len(both) == 2
    assert series(collector) == {}


def test_exposition_survives_hostile_ids() -> None:
    """A case id holds text from articles: quotes and line ends are escaped by the client library."""
    registry = CollectorRegistry()
    collector = TransitionCollector(Clock())
    registry.register(collector)
    collector.put(told_case(a_transition(), id='RU:~"x"\n\\deal', treaty=None))

    text = generate_latest(registry).decode()

    assert 'case="RU:~\\"x\\"\\n\\\\deal"' in text
    assert 'treaty=""' in text


def test_scrape_is_refused_until_the_topic_is_read() -> None:
    """A half-read topic would end alerts that hold, and fire them again."""
    ready = threading.Event()
    server = serve("127.0.0.1", 0, gate(make_wsgi_app(Metrics().registry), ready.is_set))
    url = f"http://127.0.0.1:{server.server_port}/metrics"
    try:
        with pytest.raises(urllib.error.HTTPError, match="503"):
            urllib.request.urlopen(url, timeout=5)
        ready.set()
        with urllib.request.urlopen(url, timeout=5) as answer:
            assert "treatywatch_build_info" in answer.read().decode()
    finally:
        server.shutdown()
        server.server_close()


def test_a_taken_port_is_one_clear_line() -> None:
    """The message names the setting."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(InstanceError, match="TREATYWATCH_METRICS_PORT"):
            serve("127.0.0.1", other.getsockname()[1], make_wsgi_app(CollectorRegistry()))


@pytest.mark.parametrize(
    ("committed", "here", "expected"),
    [
        (7, Ends(0, 10), Lag(7, 3)),
        (10, Ends(0, 10), Lag(10, 0)),
        (-1, Ends(0, 10), Lag(0, 10)),  # the broker's word for no commit
        (None, Ends(4, 10), Lag(0, 6)),  # what retention has deleted is not to be read
        (2, Ends(4, 10), Lag(2, 6)),
        (12, Ends(0, 10), Lag(12, 0)),  # committed after the end was asked for
    ],
)
def test_lag_of_a_partition(committed: int | None, here: Ends, expected: Lag) -> None:
    """What is there and not committed."""
    tp = TopicPartition("treatywatch.items", 0)

    assert lag({} if committed is None else {tp: committed}, {tp: here}) == {"treatywatch.items": expected}


@given(st.lists(st.tuples(st.integers(-1, 50), st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=8))
def test_lag_of_a_topic_is_the_sum_of_its_partitions(rows: list[tuple[int, int, int]]) -> None:
    """And never negative."""
    partitions = [TopicPartition("t", number) for number in range(len(rows))]
    committed = {tp: row[0] for tp, row in zip(partitions, rows, strict=True)}
    ends = {tp: Ends(min(row[1:]), max(row[1:])) for tp, row in zip(partitions, rows, strict=True)}

    each = [lag({tp: committed[tp]}, {tp: ends[tp]})["t"] for tp in partitions]

    assert lag(committed, ends)["t"] == Lag(sum(one.committed for one in each), sum(one.behind for one in each))
    assert all(one.behind >= 0 for one in each)


def test_only_our_groups_are_measured() -> None:
    """A group of somebody else on the same broker is not ours to watch."""
    assert topics_of("treatywatch") == ("treatywatch.items", "treatywatch.signals")
    assert topics_of("treatywatch-index-sqlite") == ("treatywatch.signals", "treatywatch.cases")
    assert topics_of("treatywatchers") == topics_of("other") == ()


def test_lag_of_a_group_that_is_gone_is_gone() -> None:
    """An old figure would look like a consumer that is well."""
    metrics = Metrics()
    show_lag(metrics, {("treatywatch", "items"): (3, 7), ("treatywatch-index-sqlite", "cases"): (0, 9)})
    show_lag(metrics, {("treatywatch", "items"): (2, 8)})

    text = generate_latest(metrics.registry).decode()

    assert 'treatywatch_consumer_lag_records{group="treatywatch",topic="items"} 2.0' in text
    assert 'treatywatch_consumer_committed_records{group="treatywatch",topic="items"} 8.0' in text
    assert "treatywatch-index-sqlite" not in text
