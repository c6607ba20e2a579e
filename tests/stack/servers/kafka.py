"""One node of Apache Kafka, broker and controller in one, on 127.0.0.1."""

from __future__ import annotations

import shlex
import shutil
import socket
from pathlib import Path

from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

from tests.stack.servers.install import java, kafka_jars
from tests.stack.servers.process import Server, free_port

CLUSTER_ID = "treatywatchtestcluster"  # 22 characters of base64

# Typing errors in a topic's name must fail, so no topic is created by itself. One replica and one partition of the
# broker's own topics keep the start short. After a SIGKILL the node waits until its old registration has expired (9 s
# unless told otherwise). The cleaner's stock buffer of 128 MiB does not fit the heap.
PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
controller.listener.names=CONTROLLER
listeners={protocol}://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners={protocol}://127.0.0.1:{port}
inter.broker.listener.name={protocol}
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT
log.dirs={data}
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
log.cleaner.dedupe.buffer.size=8388608
"""
SASL = """\
sasl.enabled.mechanisms=PLAIN
sasl.mechanism.inter.broker.protocol=PLAIN
listener.name.sasl_plaintext.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \
username="broker" password="broker-secret" user_broker="broker-secret" user_{username}="{password}";
"""
LOGGING = """\
rootLogger.level=WARN
rootLogger.appenderRef.out.ref=OUT
appender.out.type=Console
appender.out.name=OUT
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=[%d] %p %m (%c)%n%throwable
logger.start.name=kafka.server.KafkaRaftServer
logger.start.level=INFO
"""


class Kafka(Server):
    """A broker. Topics, offsets and port stay over stop, kill and start; `reset` empties it.

    With `sasl` clients must log in as `username` with `password` (SASL/PLAIN over plain TCP).
    """

    name = "kafka"
    username = "app"
    password = "app-secret"

    def __init__(self, folder: Path, *, sasl: bool = False) -> None:
        super().__init__(folder, free_port(2))
        self.jars = kafka_jars()
        self.java = java(17) / "bin/java"
        self.sasl = sasl
        (folder / "server.properties").write_text(self.properties(), encoding="utf-8")
        (folder / "log4j2.properties").write_text(LOGGING, encoding="utf-8")

    @property
    def bootstrap(self) -> str:
        """What clients connect to."""
        return f"127.0.0.1:{self.port}"

    @property
    def data(self) -> Path:
        """Where topics and offsets are."""
        return self.folder / "data"

    def properties(self) -> str:
        """Return the broker's configuration."""
        text = PROPERTIES.format(
            protocol="SASL_PLAINTEXT" if self.sasl else "PLAINTEXT",
            port=self.port,
            controller=self.port + 1,
            data=self.data,
        )
        return text + SASL.format(username=self.username, password=self.password) if self.sasl else text

    def command(self) -> list[str]:
        """Return the broker's command; on empty data it formats them first."""
        jvm = [
            str(self.java),
            "-Xms128m",
            "-Xmx384m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            f"-Dlog4j2.configurationFile={self.folder / 'log4j2.properties'}",
            "-cp",
            f"{self.jars}/*",
        ]
        configuration = str(self.folder / "server.properties")
        broker = [*jvm, "kafka.Kafka", configuration]
        if (self.data / "meta.properties").exists():
            return broker
        tool = [*jvm, "kafka.tools.StorageTool", "format", "--ignore-formatted"]
        tool += ["--cluster-id", CLUSTER_ID, "--config", configuration]
        return ["sh", "-c", f"{shlex.join(tool)} && exec {shlex.join(broker)}"]

    def answers(self) -> bool:
        """Say whether the broker has said that it is started: the port is then open and the node is in its cluster."""
        if "Kafka Server started" not in self.log.read_text(encoding="utf-8", errors="replace"):
            return False
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def reset(self) -> None:
        """Throw away every topic and group: by asking, or by a fresh start (4 s) where a member of a group is left."""
        if self._emptied():
            return
        self.kill()
        shutil.rmtree(self.data, ignore_errors=True)
        self.start()

    def _emptied(self) -> bool:
        if not self.alive or self.sasl:
            return False
        try:
            client = KafkaAdminClient(bootstrap_servers=self.bootstrap, bootstrap_timeout_ms=3000)
            try:
                groups = [group["group_id"] for group in client.list_groups()]
                if groups and set(client.delete_groups(groups).values()) != {"OK"}:
                    return False
                topics = [name for name in client.list_topics() if not name.startswith("__")]
                if topics:
                    client.delete_topics(topics)
                return True
            finally:
                client.close()
        except KafkaError:
            return False
