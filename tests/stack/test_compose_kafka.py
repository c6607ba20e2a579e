"""The broker configuration of docker-compose.yml, on a real broker, read as the container image reads it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable

import pytest
from kafka.admin import KafkaAdminClient
from pydantic import SecretStr

from tests.config.compose import ROOT, services
from tests.stack.servers.kafka import Kafka
from tests.stack.servers.process import free_port
from treatywatch import broker
from treatywatch.errors import ServerError
from treatywatch.settings import Kafka as KafkaSettings
from treatywatch.topic_admin import ensure_topics
from treatywatch.topics import TOPICS

PASSWORD = "0123456789abcdef0123"
PLAIN = {"security_protocol": "PLAINTEXT"}


class ComposeKafka(Kafka):
    """A broker with the mounted properties; only addresses and folders are those of this test."""

    def properties(self) -> str:
        """Return config/kafka/server.properties as the entry point of the image hands it to the broker."""
        mounted, final = self.folder / "mounted", self.folder / "final"
        secrets = self.folder / "secrets"
        for folder in (mounted, final, secrets):
            folder.mkdir()
        (secrets / "kafka_password").write_text(PASSWORD, encoding="utf-8")
        text = (ROOT / "config/kafka/server.properties").read_text(encoding="utf-8")
        for there, here in {
            "/var/lib/kafka/data": str(self.data),
            "/run/secrets": str(secrets),
            "kafka:19092": f"127.0.0.1:{free_port()}",
            "OUTSIDE://kafka:9092": f"OUTSIDE://127.0.0.1:{self.port}",
            "OUTSIDE://127.0.0.1:9092": f"OUTSIDE://127.0.0.1:{self.port}",
            "localhost:9093": f"localhost:{self.port + 1}",
        }.items():
            assert there in text
            text = text.replace(there, here)
        (mounted / "server.properties").write_text(text, encoding="utf-8")
        # The image's own entry point, which also formats the data with the cluster id of docker-compose.yml.
        wrapper = [str(self.java), "-cp", f"{self.jars}/*", "kafka.docker.KafkaDockerWrapper", "setup"]
        folders = ["--default-configs-dir", mounted, "--mounted-configs-dir", mounted, "--final-configs-dir", final]
        environment = {"PATH": os.environ["PATH"], **services()["kafka"]["environment"]}
        subprocess.run([*wrapper, *map(str, folders)], env=environment, check=True, timeout=60, capture_output=True)
        return (final / "server.properties").read_text(encoding="utf-8")


def test_broker_of_the_full_stack_takes_our_topics_and_only_our_user(start_kafka: Callable[..., Kafka]) -> None:
    """It starts with the cluster id of the file, the password comes from the secret, a stranger stays out."""
    server = start_kafka(kind=ComposeKafka)
    settings = KafkaSettings(
        bootstrap=server.bootstrap,
        security_protocol="SASL_PLAINTEXT",
        sasl_username="treatywatch",
        sasl_password=SecretStr(PASSWORD),
    )
    assert all(state.created and not state.differences for state in ensure_topics(settings))
    client = broker.admin(settings)
    assert {topic.name for topic in TOPICS} <= set(client.list_topics())
    client.close()
    wrong = settings.model_copy(update={"sasl_password": SecretStr("wrong")})
    for stranger in (wrong, settings.model_copy(update=PLAIN)):
        with pytest.raises(ServerError), broker.explained(stranger):
            KafkaAdminClient(**broker.connection(stranger), bootstrap_timeout_ms=3000)
