"""`treatywatch feeds`, as a user runs it."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from producers.memory import FeedState
from producers.state import State
from tests.producers.feed_server import rss
from treatywatch.cli import app
from treatywatch.errors import ConfigError
from treatywatch.feeds import load_feeds


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = rss(("1", "One", "x")).encode()
        self.send_response(200 if self.path == "/alive" else 404, "\x1b[31mred" if self.path != "/alive" else None)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    running = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=running.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{running.server_port}"
    running.shutdown()
    thread.join()
    running.server_close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "feeds.yml"
    path.write_text("feeds:\n  # mine\n  - {id: one, url: https://news.example.org/a, outlet: One, language: lt}\n")
    return path


def feeds(*args: object) -> tuple[int, str, str]:
    """Run a command; returns exit status, output and errors."""
    done = CliRunner().invoke(app, ["feeds", *map(str, args)])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.stdout, done.stderr


def test_list_shows_how_feeds_stand(file: Path, tmp_path: Path) -> None:
    """Before the first poll and after; in JSON with every detail."""
    before = feeds("list", "--feeds", file, "--state", tmp_path / "none")
    state = State(tmp_path)
    now = datetime.now(UTC)
    state.commit(
        FeedState(
            feed="one", url="https://news.example.org/a", moved_url="https://new.example.org/a", interval=900.0,
            failures=3, failure="timeout: slow", last_success=now, last_item=now, hub="https://hub.example.org/",
        ), [], [], now,
    )  # fmt: skip
    state.close()
    after = feeds("list", "--feeds", file, "--state", tmp_path)
    (row,) = json.loads(feeds("list", "--feeds", file, "--state", tmp_path, "--json")[1])

    assert before[1].splitlines()[1].split() == ["one", "new", "never", "never"]
    assert before[1].splitlines()[2] == "1 feeds: 1 new"
    assert "moved to https://new.example.org/a; timeout: slow; hub https://hub.example.org/" in after[1]
    assert (row["stands"], row["failures"], row["failure_class"], row["interval_seconds"]) == (
        "failing", 3, "temporary", 900.0,
    )  # fmt: skip
    assert row["last_success"] is not None
    assert row["last_success"].endswith("Z")


def test_check_says_what_is_there_and_fails_for_a_dead_feed(server: str, tmp_path: Path) -> None:
    """Nothing is remembered, and what a server writes cannot paint the terminal."""
    path, state = tmp_path / "feeds.yml", tmp_path / "state"
    rows = [f"  - {{id: {name}, url: '{server}/{name}', outlet: Illustrative}}\n" for name in ("alive", "dead")]
    path.write_text("feeds:\n" + "".join(rows))
    options = ("--feeds", path, "--state", state, "--allow-private", "--timeout", 5)
    status, out, _ = feeds("check", *options)
    found = json.loads(feeds("check", *options, "--json")[1])
    path.write_text("feeds:\n" + rows[0])

    assert status == 1
    assert [line.split()[:2] for line in out.splitlines()[1:3]] == [["alive", "alive"], ["dead", "dead"]]
    assert "\x1b" not in out
    assert [(row["id"], row["found"], row["entries"]) for row in found] == [("alive", "alive", 1), ("dead", "dead", 0)]
    assert found[0]["newest"] == "2025-06-18T10:00:00Z"
    assert feeds("check", *options)[0] == 0
    assert feeds("check", "--feeds", path)[1].splitlines()[1].split()[:2] == ["alive", "blocked"]
    assert not state.exists()


def test_feed_is_added_once(file: Path) -> None:
    """The row is shown; a second time it is an error that names the first."""
    options = ("--outlet", "Žinios", "--country", "LT", "--language", "lt", "--kind", "wire", "--feeds", file)
    status, out, _ = feeds("add", "https://zinios.example.org/rss", *options)

    assert (status, out.splitlines()[0]) == (0, "  - id: zinios")
    assert "# mine" in file.read_text()
    assert load_feeds(file)[1].model_dump(include={"outlet", "country", "language", "kind", "verified"}) == {
        "outlet": "Žinios", "country": "LT", "language": "lt", "kind": "wire", "verified": False,
    }  # fmt: skip
    with pytest.raises(ConfigError, match="is there already, as 'zinios'"):
        feeds("add", "https://zinios.example.org/rss/", *options)


def test_exported_list_is_imported_elsewhere(file: Path, tmp_path: Path) -> None:
    """Printed, or appended; what is there already is left out and said so."""
    opml, other = tmp_path / "list.opml", tmp_path / "other.yml"
    opml.write_text(feeds("export", "--opml", "--feeds", file)[1], encoding="utf-8")
    printed = feeds("import", opml, "--feeds", other)
    appended = feeds("import", opml, "--append", "--feeds", other)
    again = feeds("import", opml, "--append", "--feeds", other)

    assert printed[1].startswith("  - id: one\n")
    assert appended[1] == f"{other}: 1 feeds added\n"
    assert load_feeds(other) == load_feeds(file)
    assert (again[0], again[1]) == (0, "")
    assert "there already as 'one'" in again[2]
    assert json.loads(feeds("export", "--json", "--feeds", other)[1])[0]["id"] == "one"


def test_import_with_an_outline_that_cannot_be_used_fails_at_the_end(tmp_path: Path) -> None:
    """The others are taken."""
    opml = tmp_path / "list.opml"
    opml.write_text(
        "<opml version='2.0'><body><outline text='A' xmlUrl='gopher://a.example.org/'/>"
        "<outline text='B' xmlUrl='https://b.example.org/'/></body></opml>"
    )
    status, out, err = feeds("import", opml, "--feeds", tmp_path / "feeds.yml")

    assert (status, out.splitlines()[0]) == (1, "  - id: b")
    assert "'A': url:" in err
