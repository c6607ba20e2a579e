"""The one-shot scripts of the full stack, against a server that writes down what it is asked."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.config.compose import ROOT

pytestmark = pytest.mark.skipif(not shutil.which("curl") or not shutil.which("bash"), reason="needs bash and curl")

USERS = ROOT / "config/elasticsearch/users.sh"
VIEWS = ROOT / "config/kibana/views.sh"


@dataclass
class Fake:
    """Answers every request with `status` and `answer`, and keeps (method, path, user, body)."""

    url: str
    status: int = 200
    answer: str = "{}"
    asked: list[tuple[str, str, str, str]] = field(default_factory=list)


@pytest.fixture
def fake() -> Iterator[Fake]:
    """Give a running fake of Elasticsearch or Kibana."""

    class Handler(BaseHTTPRequestHandler):
        def _take(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            user = base64.b64decode(self.headers["Authorization"].removeprefix("Basic ")).decode()
            state.asked.append((self.command, self.path, user, body))
            self.send_response(state.status)
            self.end_headers()
            self.wfile.write(state.answer.encode())

        do_PUT = do_POST = _take

        def log_message(self, format: str, *args: object) -> None:
            """Write nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state = Fake(f"http://127.0.0.1:{server.server_port}")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield state
    server.shutdown()
    server.server_close()


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    """Give a folder of secrets."""
    for name in ("elastic_password", "kibana_password", "treatywatch_password"):
        (tmp_path / name).write_text(f"{name.replace('_', '')}0123\n", encoding="utf-8")
    return tmp_path


def _run(*command: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["bash", *map(str, command)], capture_output=True, text=True, timeout=60, check=False)


def test_users_script_sets_kibanas_password_and_makes_the_indexers_user(fake: Fake, secrets: Path) -> None:
    """Two requests as elastic, with the passwords of the files; the indexer gets the writer's role and no other."""
    done = _run(USERS, fake.url, secrets)
    assert done.returncode == 0, done.stderr
    (method1, path1, user1, body1), (method2, path2, user2, body2) = fake.asked
    assert (method1, path1, user1) == ("POST", "/_security/user/kibana_system/_password", "elastic:elasticpassword0123")
    assert json.loads(body1) == {"password": "kibanapassword0123"}
    assert (method2, path2, user2) == ("PUT", "/_security/user/treatywatch", "elastic:elasticpassword0123")
    assert json.loads(body2) == {"password": "treatywatchpassword0123", "roles": ["treatywatch_writer"]}


def test_users_script_fails_on_a_refusal(fake: Fake, secrets: Path) -> None:
    """A 400 ends the script with a failure, so that nothing starts after it."""
    fake.status = 400
    fake.answer = '{"error": "no such user"}'
    done = _run(USERS, fake.url, secrets)
    assert done.returncode != 0
    assert "no such user" in done.stdout


def test_users_script_refuses_a_password_that_would_break_json(fake: Fake, secrets: Path) -> None:
    """A quote in a secret is named by its file, and nothing is sent."""
    (secrets / "kibana_password").write_text('x"y01234567890', encoding="utf-8")
    done = _run(USERS, fake.url, secrets)
    assert done.returncode != 0
    assert "kibana_password" in done.stderr
    assert fake.asked == []


def test_views_script_sends_the_file_and_believes_only_a_success(fake: Fake, secrets: Path) -> None:
    """Kibana answers 200 also where it refused an object."""
    views = ROOT / "config/kibana/views.ndjson"
    fake.answer = '{"successCount":4,"success":true}'
    assert _run(VIEWS, fake.url, secrets, views).returncode == 0
    method, path, _, body = fake.asked[0]
    assert (method, path) == ("POST", "/api/saved_objects/_import?overwrite=true")
    assert views.read_text(encoding="utf-8").splitlines()[0] in body
    fake.answer = '{"successCount":3,"success":false}'
    assert _run(VIEWS, fake.url, secrets, views).returncode != 0


def test_views_name_fields_of_the_mappings() -> None:
    """Every column of a saved search is a field that a component template maps; every reference is in the file."""
    fields = {"@timestamp"}
    for path in (ROOT / "config/elasticsearch/components").glob("*.json"):
        fields |= set(_fields(json.loads(path.read_text(encoding="utf-8"))["template"].get("mappings", {})))
    objects = [json.loads(line) for line in (ROOT / "config/kibana/views.ndjson").read_text().splitlines()]
    ids = {(entry["type"], entry["id"]) for entry in objects}
    for entry in objects:
        assert set(entry["attributes"].get("columns", ())) <= fields
        assert entry["attributes"].get("timeFieldName", "@timestamp") in fields
        assert {(reference["type"], reference["id"]) for reference in entry["references"]} <= ids


def _fields(mapping: dict[str, object], prefix: str = "") -> Iterator[str]:
    properties = mapping.get("properties", {})
    assert isinstance(properties, dict)
    for name, inner in properties.items():
        yield prefix + name
        yield from _fields(inner, f"{prefix}{name}.")
