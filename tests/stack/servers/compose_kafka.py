"""The broker of docker-compose.yml without Docker: its mounted properties, read by the image's own entry point."""

from __future__ import annotations

import os
import subprocess

from tests.config.compose import ROOT, services
from tests.stack.servers.kafka import Kafka
from tests.stack.servers.process import free_port


class ComposeKafka(Kafka):
    """A broker with the mounted properties; only addresses and folders are those of this test."""

    username = "treatywatch"
    password = "0123456789abcdef0123"

    def properties(self) -> str:
        """Return config/kafka/server.properties as the entry point of the image hands it to the broker."""
        mounted, final = self.folder / "mounted", self.folder / "final"
        secrets = self.folder / "secrets"
        for folder in (mounted, final, secrets):
            folder.mkdir()
        (secrets / "kafka_password").write_text(self.password, encoding="utf-8")
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
