"""The demo newsroom through everything, all real: producers, Kafka, Faust, Elasticsearch, Prometheus, Alertmanager.

While it plays, the metrics role, Prometheus, Alertmanager, notify and the worker are killed one after the other.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.golden.compare import golden, unordered
from tests.receiver import Receiver
from tests.running import Command, environment, free_port
from tests.stack.servers.elasticsearch import Elasticsearch
from tests.stack.servers.kafka import Kafka
from tests.stack.servers.prometheus import StartAlertmanager, StartPrometheus
from tests.stack.test_alert_chain import QUICK
from treatywatch.children import Child
from treatywatch.settings import Kafka as KafkaSettings
from treatywatch.topic_admin import ensure_topics

ROOT = Path(__file__).parents[2]
ROLES = ("process", "index", "metrics", "notify", "produce")
ALERTS = [line for line in golden("demo_transitions.jsonl") if line["alertable"]]


class Roles:
    """Our roles as compose runs them: one process each, started again whenever it ends."""

    def __init__(self, folder: Path, shared: dict[str, str]) -> None:
        self.folder, self.shared = folder, shared
        self.ports = {name: free_port() for name in ROLES}
        self.children: dict[str, Child] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._supervise, daemon=True)
        self._thread.start()

    def start(self, name: str, *args: str, **settings: str) -> None:
        """Start one role with its own state folder and settings."""
        port = {"TREATYWATCH_METRICS_PORT": str(self.ports[name])}
        own = self.shared | port | settings | {"TREATYWATCH_STATE": str(self.folder / name)}
        child = Child(
            name, [sys.executable, "-m", "treatywatch", name, *args], environment(own), self.folder / f"{name}.log"
        )
        child.start()
        self.children[name] = child

    def kill(self, name: str) -> None:
        """Kill a role; it is started again."""
        process = self.children[name].process
        assert process is not None
        process.kill()

    def logs(self) -> str:
        """The last lines of every role."""
        return "\n".join(f"== {name}\n{child.tail(6)[-1500:]}" for name, child in self.children.items())

    def close(self) -> None:
        """End all of them."""
        self._stop.set()
        self._thread.join()
        for child in reversed(self.children.values()):
            child.stop(15)

    def _supervise(self) -> None:
        while not self._stop.wait(0.2):
            for child in list(self.children.values()):
                child.revive()


@pytest.fixture
def roles(kafka: Kafka, elasticsearch: Elasticsearch, tmp_path: Path) -> Iterator[Roles]:
    """An empty broker with our topics, an empty store with our templates, and roles that know both."""
    kafka.reset()
    elasticsearch.reset()
    # One partition: the order of scenes is kept, so the transitions come out exactly.
    ensure_topics(KafkaSettings(bootstrap=kafka.bootstrap, partitions=1))
    shared = {
        "TREATYWATCH_KAFKA_BOOTSTRAP": kafka.bootstrap,
        "TREATYWATCH_KAFKA_PARTITIONS": "1",
        "TREATYWATCH_PROCESS_CLOCK": "published",
        "TREATYWATCH_INDEX_STORE": "elasticsearch",
        "TREATYWATCH_ELASTICSEARCH_URL": elasticsearch.url,
        "TREATYWATCH_LOG_FORMAT": "json",
    }
    login = {
        "TREATYWATCH_ELASTICSEARCH_USERNAME": elasticsearch.setup_username,
        "TREATYWATCH_ELASTICSEARCH_PASSWORD": elasticsearch.user_password,
    }
    assert Command(tmp_path, "setup", settings=shared | login).wait(60) == 0
    shared["TREATYWATCH_ELASTICSEARCH_USERNAME"] = elasticsearch.writer_username
    shared["TREATYWATCH_ELASTICSEARCH_PASSWORD"] = elasticsearch.user_password
    made = Roles(tmp_path, shared)
    yield made
    made.close()


def documents(elasticsearch: Elasticsearch, alias: str) -> list[dict[str, Any]]:
    """Every document behind an alias."""
    elasticsearch.call("POST", f"/{alias}/_refresh")
    found = elasticsearch.call("GET", f"/{alias}/_search?size=1000")
    return [hit["_source"] for hit in found["hits"]["hits"]]


def as_golden(document: dict[str, Any]) -> dict[str, Any]:
    """A case document in the form of the golden file."""
    case = document["case"]
    effect = case.get("effective_date")
    return {
        "id": case["id"],
        "stage": case["stage"],
        "history": [[e["stage"], e["action"], e.get("institution"), e.get("event_date")] for e in case["history"]],
        "effective_date": effect and {"value": effect["value"], "basis": effect["basis"]},
        "flags": case["flags"],
        "severity": case["severity"],
    }


@pytest.mark.timeout(420)
def test_the_demo_comes_out_exactly_and_each_alert_is_told_once_whatever_is_killed(
    roles: Roles,
    elasticsearch: Elasticsearch,
    prometheus: StartPrometheus,
    alertmanager: StartAlertmanager,
    tmp_path: Path,
) -> None:
    """Golden cases in Elasticsearch; behind notify exactly one message per alertable transition, the first included."""
    with Receiver() as receiver:
        notify_port, newsroom_port = free_port(), free_port()
        alerts = alertmanager(ROOT / "config/alertmanager", {"notify:8752": f"127.0.0.1:{notify_port}"} | QUICK)
        targets = {f"{name}:9100": f"127.0.0.1:{port}" for name, port in roles.ports.items()}
        watch = prometheus(
            ROOT / "config/prometheus",
            {"alertmanager:9093": f"127.0.0.1:{alerts.port}", "metrics:8751": f"127.0.0.1:{roles.ports['metrics']}"}
            | targets
            | QUICK,
        )
        for name in ("process", "index", "metrics"):
            roles.start(name)
        roles.start(
            "notify",
            TREATYWATCH_NOTIFY_SOURCE="alertmanager",
            TREATYWATCH_NOTIFY_PORT=str(notify_port),
            TREATYWATCH_NOTIFY_WEBHOOKS=receiver.url,
            TREATYWATCH_NOTIFY_TERMINAL="false",
        )
        newsroom = Command(
            tmp_path, "newsroom", "--port", str(newsroom_port), "--seconds", "40", "--state", str(tmp_path / "newsroom")
        )
        roles.start("produce", "--newsroom", f"http://127.0.0.1:{newsroom_port}", "--alert")

        def told(count: int) -> None:
            newsroom.wait_for(
                lambda: len(receiver.times()) >= count,
                200,
                f"{count} of {len(ALERTS)} transitions told\n{roles.logs()}",
            )

        told(1)
        roles.kill("metrics")
        told(4)
        watch.kill()
        watch.start()
        told(8)
        alerts.kill()
        alerts.start()
        told(12)
        roles.kill("notify")
        told(16)
        roles.kill("process")
        told(len(ALERTS))

        deadline = time.monotonic() + 60
        while (
            found := sorted(map(as_golden, documents(elasticsearch, "treatywatch-cases")), key=lambda c: str(c["id"]))
        ) != (golden("demo_cases.jsonl")):
            if time.monotonic() > deadline:
                assert found == golden("demo_cases.jsonl")
            time.sleep(0.5)
        newsroom.terminate()

        assert receiver.unmarked_repeats() == []
        repeated = {id for id, count in receiver.times().items() if count > 1}
        assert len(repeated) <= 1, "only what was under way when notify was killed may be told again, and marked"
        told_lines = [
            {key: message[key] for key in ("case", "kind", "stage", "institution", "severity")}
            for message in {message["id"]: message for message in receiver.messages}.values()
        ]
        expected = [{key: line[key] for key in told_lines[0]} for line in ALERTS]
        assert unordered(told_lines) == unordered(expected)
        assert documents(elasticsearch, "treatywatch-signals")
