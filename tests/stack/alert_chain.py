"""The processes of the alert chain that are ours, and a webhook receiver behind them."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.sinks.told import a_transition, told_case
from tests.stack.servers.process import Server, free_port
from tests.stack.waiting import eventually
from treatywatch import broker
from treatywatch.model import Case, Severity, Transition
from treatywatch.settings import Kafka as KafkaSettings
from treatywatch.topics import CASES
from treatywatch.wire import encode

ROOT = Path(__file__).parents[2]


class Role(Server):
    """One of our roles, run by its command as compose runs it; the port is the one that it answers on when ready."""

    def __init__(self, name: str, folder: Path, environment: Mapping[str, str], port_setting: str, ready: str) -> None:
        super().__init__(folder / name, free_port())
        self.name = name
        self._environment = {
            **environment,
            port_setting: str(self.port),
            "PYTHONPATH": str(ROOT),
            "TREATYWATCH_STATE": str(self.folder / "state"),
            "TREATYWATCH_LOG_FORMAT": "json",
        }
        self._ready = f"http://127.0.0.1:{self.port}{ready}"

    def command(self) -> list[str]:
        """Return its command."""
        return [sys.executable, "-m", "treatywatch", self.name]

    def environment(self) -> Mapping[str, str]:
        """Return its settings."""
        return self._environment

    def answers(self) -> bool:
        """Say whether it is ready; while it reads the topic it answers 503."""
        try:
            with urllib.request.urlopen(self._ready, timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


@dataclass
class Call:
    """One call of the webhook."""

    key: str
    body: dict[str, Any]
    at: float = field(default_factory=time.time)


class Hook:
    """People, as a webhook: keeps every call. While `silent` it takes the call in and never answers."""

    def __init__(self, port: int | None = None) -> None:
        self.calls: list[Call] = []
        self.silent = False
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                hook.calls.append(Call(self.headers["Idempotency-Key"], body))
                if hook.silent:
                    self.connection.settimeout(60)
                    self.rfile.read(1)  # until the other side is gone
                    return
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", port or free_port()), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}/hook"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def ids(self) -> list[str]:
        """The transitions in the order of the calls."""
        return [call.body["id"] for call in self.calls]

    def wait_for(self, id: str, seconds: float = 60) -> Call:
        """Return the first call about a transition."""
        eventually(lambda: id in self.ids, seconds, f"a message about {id}; so far {self.ids}")
        return next(call for call in self.calls if call.body["id"] == id)

    def close(self) -> None:
        """End the server."""
        self._server.shutdown()
        self._server.server_close()


class Track:
    """Stands for `track`: writes one case with more and more transitions to the cases topic."""

    def __init__(self, bootstrap: str) -> None:
        self._producer = broker.producer(KafkaSettings(bootstrap=bootstrap))
        self._transitions: list[Transition] = []

    def moves(self, id: str, *, severity: Severity = Severity.URGENT, alertable: bool = True) -> str:
        """Write a transition, and return once the broker has it."""
        now = datetime.now(UTC)
        self._transitions.append(a_transition(id, at=now, severity=severity, alertable_at=now if alertable else None))
        self.write(told_case(*self._transitions, revision=len(self._transitions), changed=self._transitions[-1]))
        return id

    def forget(self) -> None:
        """Write the case as one that has no transition."""
        self._transitions.clear()
        self.write(told_case())

    def write(self, case: Case) -> None:
        """Write a record."""
        self._producer.send(CASES.name, key=case.id.encode(), value=encode(case)).get(30)

    def write_bytes(self, value: bytes) -> None:
        """Write what is no record."""
        self._producer.send(CASES.name, key=b"bad", value=value).get(30)

    def close(self) -> None:
        """Close the connection."""
        self._producer.close()


def scrape(url: str) -> dict[str, float]:
    """Read a page of metrics: series with labels -> value."""
    with urllib.request.urlopen(url, timeout=5) as answer:
        lines = answer.read().decode().splitlines()
    pairs = (line.rsplit(" ", 1) for line in lines if line and not line.startswith("#"))
    return {series: float(value) for series, value in pairs}


def settings_for(bootstrap: str) -> dict[str, str]:
    """Settings that every role of a test shares; nothing comes from the developer's own."""
    own = [name for name in os.environ if name.startswith("TREATYWATCH_")]
    assert not own, f"unset {own}"
    return {"TREATYWATCH_KAFKA_BOOTSTRAP": bootstrap, "TREATYWATCH_CONFIG": str(ROOT / "config")}
