"""docker-compose.yml without Docker: its broker, its environment and its commands, on real servers.

Replaced are addresses, ports and folders, and nothing else. Not proved: that the images exist and start.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from kafka.admin import KafkaAdminClient
from pydantic import SecretStr

from tests.config.compose import ROOT, services
from tests.stack.servers.compose_kafka import ComposeKafka
from tests.stack.servers.elasticsearch import Elasticsearch
from tests.stack.servers.kafka import Kafka
from tests.stack.servers.process import Server, free_port
from treatywatch import broker
from treatywatch.errors import ServerError
from treatywatch.roles import ROLES
from treatywatch.settings import Kafka as KafkaSettings
from treatywatch.topic_admin import ensure_topics
from treatywatch.topics import TOPICS

PLAIN = {"security_protocol": "PLAINTEXT"}
NO_FEED = """\
feeds:
  - {id: nowhere, url: "http://127.0.0.1:9/feed", outlet: Nowhere (illustrative), owner: nobody, country: CH,
     language: en, kind: general}
"""


def test_broker_of_the_full_stack_takes_our_topics_and_only_our_user(start_kafka: Callable[..., Kafka]) -> None:
    """It starts with the cluster id of the file, the password comes from the secret, a stranger stays out."""
    server = start_kafka(kind=ComposeKafka)
    settings = KafkaSettings(
        bootstrap=server.bootstrap,
        security_protocol="SASL_PLAINTEXT",
        sasl_username=server.username,
        sasl_password=SecretStr(server.password),
    )
    assert all(state.created and not state.differences for state in ensure_topics(settings))
    client = broker.admin(settings)
    assert {topic.name for topic in TOPICS} <= set(client.list_topics())
    client.close()
    wrong = settings.model_copy(update={"sasl_password": SecretStr("wrong")})
    for stranger in (wrong, settings.model_copy(update=PLAIN)):
        with pytest.raises(ServerError), broker.explained(stranger):
            KafkaAdminClient(**broker.connection(stranger), bootstrap_timeout_ms=3000)


class Rebuilt:
    """Runs commands of services with their environment from docker-compose.yml, addresses replaced."""

    def __init__(self, folder: Path, kafka: Kafka, elasticsearch: Elasticsearch) -> None:
        self.folder = folder
        shutil.copytree(ROOT / "config", folder / "config")
        (folder / "config/feeds.yml").write_text(NO_FEED, encoding="utf-8")  # no test asks the outside network
        self.addresses = {"kafka:19092": kafka.bootstrap, "http://elasticsearch:9200": elasticsearch.url}
        self.secrets = {
            "kafka_password": kafka.password,
            "elastic_password": elasticsearch.password,
            "treatywatch_password": elasticsearch.user_password,
            "notify_webhooks": "",
        }

    def environment(self, service: str) -> dict[str, str]:
        """Return what the service's process would see."""
        found = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(self.folder)}
        for name, value in services()[service]["environment"].items():
            text = self.addresses.get(value, value)
            if name.endswith("_FILE"):
                path = self.folder / service / Path(value).name
                path.parent.mkdir(exist_ok=True)
                path.write_text(self.secrets[path.name], encoding="utf-8")
                text = str(path)
            elif name.endswith("_HOST"):
                text = "127.0.0.1"
            elif name.endswith("_PORT"):
                text = str(free_port())
            found[name] = text
        return found | {
            "TREATYWATCH_CONFIG": str(self.folder / "config"),
            "TREATYWATCH_STATE": str(self.folder / "state"),
        }

    def run(self, service: str) -> subprocess.CompletedProcess[str]:
        """Run a one-shot service to its end."""
        return _treatywatch(self.environment(service), *services()[service]["command"][1:])


class RoleProcess(Server):
    """One role as a process, well when the health check of its container says so."""

    start_seconds = 60.0

    def __init__(self, folder: Path, service: str, environment: dict[str, str]) -> None:
        super().__init__(folder, free_port())
        self.name = service
        self.service = services()[service]
        self._environment = environment

    def command(self) -> list[str]:
        """Return the service's command."""
        return [sys.executable, "-m", "treatywatch", *self.service["command"][1:]]

    def environment(self) -> dict[str, str]:
        """Return the service's environment."""
        return self._environment

    def answers(self) -> bool:
        """Ask as the container's health check does."""
        return _treatywatch(self._environment, *self.service["healthcheck"]["test"][2:]).returncode == 0


def _treatywatch(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "treatywatch", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def rebuilt(start_kafka: Callable[..., Kafka], elasticsearch: Elasticsearch, tmp_path: Path) -> Iterator[Rebuilt]:
    """Give the stack with empty servers."""
    elasticsearch.reset()
    yield Rebuilt(tmp_path, start_kafka(kind=ComposeKafka), elasticsearch)
    elasticsearch.reset()


def test_one_shots_prepare_empty_servers_and_every_role_then_becomes_well(rebuilt: Rebuilt) -> None:
    """`topics` and `setup` succeed, also a second time; each role passes its own health check and stops on SIGTERM."""
    for service in ("topics", "setup", "topics", "setup"):
        done = rebuilt.run(service)
        assert done.returncode == 0, f"{service}: {done.stderr}"
    roles = [RoleProcess(rebuilt.folder / role.name, role.name, rebuilt.environment(role.name)) for role in ROLES]
    try:
        for role in roles:
            role.launch()
        for role in roles:
            role.wait_ready()
        for role in roles:
            begin = time.monotonic()
            role.stop(seconds=30)
            assert time.monotonic() - begin < 29, f"{role.name} did not stop on SIGTERM"
    finally:
        for role in roles:
            role.kill()
