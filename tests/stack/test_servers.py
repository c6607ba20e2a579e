"""The harness itself: what the other stack tests rely on."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from elasticsearch import ApiError, AuthenticationException
from elasticsearch import Elasticsearch as Client
from kafka import KafkaConsumer, KafkaProducer
from kafka.admin import KafkaAdminClient, NewTopic

from tests.stack.servers.elasticsearch import Elasticsearch
from tests.stack.servers.kafka import Kafka
from tests.stack.servers.prometheus import StartAlertmanager, StartPrometheus
from tests.stack.waiting import eventually


def _send(bootstrap: str, topic: str, value: bytes) -> None:
    client = KafkaProducer(bootstrap_servers=bootstrap, acks="all")
    client.send(topic, value).get(30)
    client.close()


def _read(bootstrap: str, topic: str, count: int) -> list[bytes]:
    consumer = KafkaConsumer(
        topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest", consumer_timeout_ms=15_000
    )
    values = [record.value for _, record in zip(range(count), consumer, strict=False)]  # in this order: no extra read
    consumer.close()
    return values


@pytest.mark.nightly  # every test that restarts it relies on this
def test_kafka_keeps_its_records_over_a_stop_and_a_kill(kafka: Kafka) -> None:
    """Port and records stay after a clean stop and after SIGKILL."""
    kafka.reset()
    bootstrap = kafka.bootstrap
    client = KafkaAdminClient(bootstrap_servers=bootstrap)
    client.create_topics([NewTopic("harness", 1, 1)])
    client.close()
    _send(bootstrap, "harness", b"one")
    kafka.restart()
    _send(bootstrap, "harness", b"two")
    kafka.kill()
    assert not kafka.alive
    kafka.start()
    assert kafka.bootstrap == bootstrap
    assert _read(bootstrap, "harness", 2) == [b"one", b"two"]


@pytest.mark.parametrize("alive", [False, True], ids=["members gone", "a member left"])
def test_kafka_is_empty_after_a_reset(kafka: Kafka, alive: bool) -> None:
    """No topic and no group is left, and the broker is started afresh only where a member of a group still lives."""
    kafka.reset()
    starts = kafka.starts
    client = KafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    client.create_topics([NewTopic("harness", 1, 1)])
    client.close()
    _send(kafka.bootstrap, "harness", b"one")
    member = KafkaConsumer(
        "harness", bootstrap_servers=kafka.bootstrap, group_id="harness", auto_offset_reset="earliest"
    )
    assert next(member).value == b"one"
    member.commit()
    if not alive:
        member.close()
    kafka.reset()
    assert kafka.starts == starts + alive
    client = KafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    assert [name for name in client.list_topics() if not name.startswith("__")] == []
    assert client.list_groups() == []
    client.close()
    member.close(autocommit=False, timeout_ms=1000)


def test_elasticsearch_keeps_no_document_over_a_reset(elasticsearch: Elasticsearch) -> None:
    """A reset removes what starts with treatywatch. (That documents stay over a kill: test_elasticsearch.py.)"""
    elasticsearch.reset()
    elasticsearch.call("PUT", "/treatywatch-harness/_doc/1?refresh=true", {"kept": True})
    assert elasticsearch.call("GET", "/treatywatch-harness/_doc/1")["_source"] == {"kept": True}
    elasticsearch.reset()
    with pytest.raises(urllib.error.HTTPError, match="404"):
        elasticsearch.call("GET", "/treatywatch-harness/_doc/1")


def test_elasticsearch_writer_may_write_its_own_indices_and_no_others(elasticsearch: Elasticsearch) -> None:
    """The user with the indexer's rights may delete nothing and write nowhere else; a wrong password fits nowhere."""
    login = (elasticsearch.writer_username, elasticsearch.writer_password)
    with Client(elasticsearch.url, basic_auth=login) as client:
        client.index(index="treatywatch-harness", id="1", document={"a": 1}, refresh=True)
        assert client.count(index="treatywatch-harness")["count"] == 1
        with pytest.raises(ApiError) as refused:
            client.index(index="harness-other", id="1", document={"a": 1})
        assert refused.value.status_code == 403
        with pytest.raises(ApiError) as refused:
            client.delete(index="treatywatch-harness", id="1")
        assert refused.value.status_code == 403
    with Client(elasticsearch.url, basic_auth=(login[0], "wrong")) as stranger, pytest.raises(AuthenticationException):
        stranger.count(index="treatywatch-harness")
    elasticsearch.reset()


def test_prometheus_and_alertmanager_start_on_a_changed_copy_of_their_configuration(
    prometheus: StartPrometheus, alertmanager: StartAlertmanager, tmp_path: Path
) -> None:
    """Addresses are replaced in the copy, the original stays; both come back on the same port after a kill."""
    (tmp_path / "prometheus.yml").write_text(
        "scrape_configs: [{job_name: a, static_configs: [{targets: ['metrics:1']}]}]"
    )
    (tmp_path / "alertmanager.yml").write_text("route: {receiver: ops}\nreceivers: [{name: ops}]\n")
    server = prometheus(tmp_path, replace={"metrics:1": "127.0.0.1:9"})
    assert "127.0.0.1:9" in (server.config / "prometheus.yml").read_text()
    assert "metrics:1" in (tmp_path / "prometheus.yml").read_text()
    for running in (server, alertmanager(tmp_path)):
        url = running.url
        running.restart(hard=True)
        with urllib.request.urlopen(f"{url}/-/ready") as answer:
            assert answer.status == 200


def test_chromium_renders_a_page(chromium: str, tmp_path: Path) -> None:
    """The browser starts without a screen and shows what a script wrote."""
    page = tmp_path / "page.html"
    page.write_text("<p id=x></p><script>document.getElementById('x').textContent = 6 * 7</script>")
    flags = ["--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom"]
    shown = subprocess.run([chromium, *flags, page.as_uri()], capture_output=True, text=True, timeout=60, check=True)
    assert ">42<" in shown.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can bind a child to its parent")
def test_killing_the_test_run_kills_its_servers(tmp_path: Path) -> None:
    """After SIGKILL of a process that started a server, nothing of the server is left."""
    code = (
        "import sys, time; from pathlib import Path; from tests.stack.servers.process import Server\n"
        "class Sleeper(Server):\n"
        "    def command(self): return ['sleep', '300']\n"
        "s = Sleeper(Path(sys.argv[1]), 0); s.launch(); print(s._process.pid, flush=True); time.sleep(300)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code, tmp_path], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        comm = Path(f"/proc/{child}/comm")  # setpriv binds the child to its parent, then becomes the command
        eventually(lambda: comm.read_text().strip() == "sleep", 10, "the command runs")
        parent.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 10
    while _runs(child):
        assert time.monotonic() < deadline, "the server outlived the test run"
        time.sleep(0.02)


def _runs(pid: int) -> bool:
    """Whether the process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in {"Z", "X"}
    except (FileNotFoundError, ProcessLookupError):
        return False
