"""Every query of every Grafana board, on a real Prometheus that scrapes every metric: each returns a number."""

from __future__ import annotations

import itertools
import json
import math
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server
from prometheus_client.metrics import MetricWrapperBase

from sinks.metrics import NAME
from tests.config.board import queries
from tests.stack.servers.process import free_port
from tests.stack.servers.prometheus import Prometheus, StartPrometheus
from treatywatch.metrics import Metrics

VALUES = {"stage": "detect", "outcome": "rejected", "severity": "urgent", "feed": "example-world"}


@pytest.fixture
def exporter() -> Iterator[int]:
    """Give the port of a server with every metric of treatywatch, whose counters and histograms keep moving."""
    registry = CollectorRegistry()
    families = [family for family in vars(Metrics(registry)).values() if isinstance(family, MetricWrapperBase)]
    families.append(Gauge(NAME, "x", ["transition", "case", "actor", "treaty", "stage", "severity"], registry=registry))
    series = [
        family.labels(*(VALUES.get(label, label) for label in family._labelnames)) if family._labelnames else family
        for family in families
    ]
    stop = threading.Event()

    def move() -> None:
        for count in itertools.count():
            for one in series:
                match one:
                    case Histogram():
                        one.observe(count % 7)
                    case Gauge():
                        one.set(time.time() - 30)
                    case Counter():
                        one.inc()
            if stop.wait(0.2):
                return

    mover = threading.Thread(target=move)
    mover.start()
    port = free_port()
    server, thread = start_http_server(port, addr="127.0.0.1", registry=registry)
    yield port
    stop.set()
    mover.join()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def scraped(exporter: int, prometheus: StartPrometheus, tmp_path: Path) -> Prometheus:
    """Give a Prometheus that has scraped the exporter often enough for a rate."""
    (tmp_path / "prometheus.yml").write_text(
        "global: {scrape_interval: 500ms, scrape_timeout: 400ms}\n"
        f"scrape_configs: [{{job_name: treatywatch, static_configs: [{{targets: ['127.0.0.1:{exporter}']}}]}}]\n"
    )
    server = prometheus(tmp_path)
    deadline = time.monotonic() + 30
    while not _ask(server, "count_over_time(treatywatch_build_info[1m]) >= 5"):
        assert time.monotonic() < deadline, "Prometheus has scraped nothing"
        time.sleep(0.2)
    return server


def _ask(server: Prometheus, query: str) -> list[float]:
    url = f"{server.url}/api/v1/query?{urllib.parse.urlencode({'query': query})}"
    with urllib.request.urlopen(url, timeout=10) as answer:
        return [float(result["value"][1]) for result in json.load(answer)["data"]["result"]]


def test_every_query_of_every_board_returns_data(scraped: Prometheus) -> None:
    """No panel is empty for a wrong name, a wrong label or a query that Prometheus does not take."""
    empty = {}
    for name, query in queries():
        values = _ask(scraped, query.replace("$__rate_interval", "5s"))
        if not values or any(math.isnan(value) for value in values):
            empty[name] = values
    assert empty == {}
