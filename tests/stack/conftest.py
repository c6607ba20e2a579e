"""Real servers for the stack tests: Kafka, Elasticsearch, Prometheus, Alertmanager, Chromium.

    kafka           session   tests.stack.servers.kafka.Kafka: bootstrap, start, stop, kill, restart, reset
    elasticsearch   session   tests.stack.servers.elasticsearch.Elasticsearch: url, username, password,
                              writer_username, setup_username, reader_username, user_password, call,
                              start, stop, kill, restart, reset
    prometheus      test      prometheus(config_folder, replace={"metrics:8751": "127.0.0.1:21501"}) -> Prometheus
    alertmanager    test      alertmanager(config_folder, replace={...}) -> Alertmanager
    start_kafka     test      start_kafka(sasl=True) -> Kafka: a broker of the test's own
    chromium        session   path of the browser

A test that needs an empty broker or store says `kafka.reset()`, `elasticsearch.reset()`. One that leaves a server down
does no harm: it is started again before the next test that names it.

These tests run one after the other (`pytest tests/stack -n 0`): they share two servers and two cores. Kafka and
Elasticsearch start while the first test is still being set up. A server that cannot be had skips its tests, with the
reason and what to install; where CI=true that is a failure, and so is any other skip in here. Tests that are marked
`nightly` are left out unless NIGHTLY is set.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NoReturn, TypeVar

import pytest

from tests.stack.servers.elasticsearch import Elasticsearch
from tests.stack.servers.install import program
from tests.stack.servers.kafka import Kafka
from tests.stack.servers.process import Server, Unavailable, kill_all
from tests.stack.servers.prometheus import Alertmanager, Prometheus, StartAlertmanager, StartPrometheus

HERE = Path(__file__).parent
SHARED: dict[str, type[Kafka] | type[Elasticsearch]] = {"elasticsearch": Elasticsearch, "kafka": Kafka}
CI = os.environ.get("CI") == "true"
NIGHTLY = bool(os.environ.get("NIGHTLY"))

T = TypeVar("T")


class Stack:
    """The servers of this run, and the folder that they work in."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="treatywatch-stack-"))
        self.folder.chmod(0o755)  # as root, Elasticsearch runs as another user
        self.shared: dict[str, Kafka | Elasticsearch | Unavailable] = {}
        self.count = 0

    def launch(self, name: str) -> None:
        """Begin to start a shared server, without waiting; remembers why it cannot be had."""
        if name not in self.shared:
            try:
                self.shared[name] = SHARED[name](self.folder / name)
            except Unavailable as reason:
                self.shared[name] = reason
                return
        server = self.shared[name]
        if isinstance(server, Server):
            server.launch()

    def own_folder(self, name: str) -> Path:
        """Return a new folder for a server of one test."""
        self.count += 1
        return self.folder / f"{name}-{self.count}"

    def close(self) -> None:
        """End every server and remove the folder."""
        kill_all()
        shutil.rmtree(self.folder, ignore_errors=True)


_stack = pytest.StashKey[Stack]()


def _of(config: pytest.Config) -> Stack:
    if _stack not in config.stash:
        config.stash[_stack] = Stack()
    return config.stash[_stack]


def unavailable(reason: Unavailable | str) -> NoReturn:
    """Skip the test with the reason; fail it where CI=true."""
    if CI:
        pytest.fail(f"a real server is required in CI: {reason}", pytrace=False)
    pytest.skip(str(reason))


def pytest_configure(config: pytest.Config) -> None:
    """Declare the mark of tests that say over again, for longer, what others in here say."""
    config.addinivalue_line("markers", "nightly: runs where NIGHTLY is set only")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark every test in here, and give it time: the start of a server counts, on a machine that does other work."""
    if not NIGHTLY:
        late = [item for item in items if item.get_closest_marker("nightly")]
        config.hook.pytest_deselected(items=late)
        items[:] = [item for item in items if item not in late]
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.stack)
            if item.get_closest_marker("timeout") is None:
                item.add_marker(pytest.mark.timeout(300))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Start what the chosen tests need: both at once, and downloads outside of any test's time limit."""
    if session.config.option.collectonly:
        return
    needed = {name for item in session.items for name in getattr(item, "fixturenames", ()) if HERE in item.path.parents}
    for name in SHARED:
        if name in needed:
            _of(session.config).launch(name)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """End all servers; fail a run in CI that skipped one of these tests."""
    if _stack in session.config.stash:
        session.config.stash[_stack].close()
    if CI and _skipped and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


_skipped: list[str] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note skips of these tests."""
    if report.skipped and report.nodeid.startswith("tests/stack/") and not hasattr(report, "wasxfail"):
        _skipped.append(report.nodeid)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say why a run without a failed test fails."""
    if CI and _skipped:
        terminalreporter.write_line(f"FAILED: skipped where CI=true allows no skip: {', '.join(_skipped)}", red=True)


@pytest.fixture(scope="session")
def kafka(pytestconfig: pytest.Config) -> Kafka:
    """Give the shared Kafka broker, running."""
    return _shared(pytestconfig, "kafka", Kafka)


@pytest.fixture(scope="session")
def elasticsearch(pytestconfig: pytest.Config) -> Elasticsearch:
    """Give the shared Elasticsearch node, running."""
    return _shared(pytestconfig, "elasticsearch", Elasticsearch)


def _shared(config: pytest.Config, name: str, kind: type[T]) -> T:
    stack = _of(config)
    stack.launch(name)
    server = stack.shared[name]
    if isinstance(server, Unavailable):
        unavailable(server)
    server.wait_ready()
    assert isinstance(server, kind)
    return server


@pytest.fixture(autouse=True)
def _shared_servers_are_up(request: pytest.FixtureRequest) -> None:
    """Start what an earlier test has left down."""
    for name in SHARED:
        if name in request.fixturenames:
            request.getfixturevalue(name).start()


def _own(config: pytest.Config, name: str, make: Callable[[Path], T]) -> T:
    try:
        server = make(_of(config).own_folder(name))
        assert isinstance(server, Server)
        server.start()
    except Unavailable as reason:
        unavailable(reason)
    return server


@pytest.fixture
def start_kafka(pytestconfig: pytest.Config) -> Iterator[Callable[..., Kafka]]:
    """Give a function that starts a broker of the test's own; ended after the test."""
    made: list[Kafka] = []

    def start(*, sasl: bool = False, kind: type[Kafka] = Kafka) -> Kafka:
        made.append(_own(pytestconfig, "kafka-own", lambda folder: kind(folder, sasl=sasl)))
        return made[-1]

    yield start
    for server in made:
        server.kill()


@pytest.fixture
def prometheus(pytestconfig: pytest.Config) -> Iterator[StartPrometheus]:
    """Give a function that starts a Prometheus; ended after the test."""
    made: list[Prometheus] = []

    def start(config: Path, replace: Mapping[str, str] = {}) -> Prometheus:
        made.append(_own(pytestconfig, "prometheus", lambda folder: Prometheus(folder, config, replace)))
        return made[-1]

    yield start
    for server in made:
        server.kill()


@pytest.fixture
def alertmanager(pytestconfig: pytest.Config) -> Iterator[StartAlertmanager]:
    """Give a function that starts an Alertmanager; ended after the test."""
    made: list[Alertmanager] = []

    def start(config: Path, replace: Mapping[str, str] = {}) -> Alertmanager:
        made.append(_own(pytestconfig, "alertmanager", lambda folder: Alertmanager(folder, config, replace)))
        return made[-1]

    yield start
    for server in made:
        server.kill()


@pytest.fixture(scope="session")
def chromium() -> str:
    """Give the path of a Chromium."""
    try:
        return program("chromium", "chromium-browser", "google-chrome", package="chromium")
    except Unavailable as reason:
        unavailable(reason)
