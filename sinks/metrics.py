"""The metrics role: the case table as Prometheus sees it, and the lag of every consumer group.

Each alertable transition is one series whose value is the instant at which it became alertable. A state, not a counter:
a counter born at 1 never fires `increase()`, and this must fire for the very first event. It is read again from the
topic at each start with the same values, so a restart repeats nothing and loses nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import structlog
from prometheus_client import make_wsgi_app
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from sinks.alertable import alertable
from sinks.case_table import read_case
from sinks.consume import Record
from sinks.follow import Follower
from sinks.lag import LagMeter
from treatywatch.errors import InstanceError, ServerError
from treatywatch.metrics import Metrics
from treatywatch.model import Case, Transition
from treatywatch.settings import Settings
from treatywatch.topics import CASES

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

EXPOSED = timedelta(days=7)
DEFAULT_PORT = 8751
LAG_EVERY_SECONDS = 5.0
NAME = "treatywatch_transition_timestamp_seconds"

log = structlog.get_logger()


class TransitionCollector(Collector):
    """Expose the alertable transitions of the last seven days, straight from the followed cases.

    Collecting never changes anything, so any number of scrapes at once is fine.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._cases: dict[str, Case] = {}

    def put(self, case: Case) -> None:
        """Take in the latest record of a case. Only what is exposed is kept of it."""
        slim = Case(
            id=case.id,
            actor=case.actor,
            treaty=case.treaty,
            treaty_text=case.treaty_text,
            stage=case.stage,
            action=case.action,
            since=case.since,
            transitions=alertable(case, self._clock(), EXPOSED),
        )
        with self._lock:
            if slim.transitions:
                self._cases[case.id] = slim
            else:
                self._cases.pop(case.id, None)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the one family."""
        family = GaugeMetricFamily(
            NAME,
            "When a transition that people are to be told about became alertable; one series each, for seven days",
            labels=["transition", "case", "actor", "treaty", "stage", "severity"],
        )
        with self._lock:
            cases = list(self._cases.values())
        now = self._clock()
        for case in cases:
            for transition in alertable(case, now, EXPOSED):
                family.add_metric(_labels(case, transition), _instant(transition))
        yield family


def _labels(case: Case, transition: Transition) -> list[str]:
    # `treaty` is a register id; an instrument outside the register has none, and its case id names it.
    return [transition.id, case.id, case.actor, case.treaty or "", transition.stage, transition.severity]


def _instant(transition: Transition) -> float:
    assert transition.alertable_at is not None  # alertable() lets no other through
    return transition.alertable_at.timestamp()


def gate(app: WSGIApplication, ready: Callable[[], bool]) -> WSGIApplication:
    """Wrap a WSGI application so that it answers 503 until `ready`.

    A scrape of a half-read topic would end alerts that still hold and fire them again later.
    """

    def gated(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if ready():
            return app(environ, start)
        start("503 Service Unavailable", [("Content-Type", "text/plain; charset=utf-8"), ("Retry-After", "1")])
        return [b"still reading the cases topic\n"]

    return gated


def run_metrics(settings: Settings, stop: threading.Event, metrics: Metrics) -> None:
    """Serve the metrics until `stop` is set.

    Raises InstanceError where the port is taken, and ServerError (exit status 75: start me again) where the topic
    cannot be followed any more.
    """
    collector = TransitionCollector(lambda: datetime.now(UTC))
    metrics.registry.register(collector)

    def take(record: Record) -> None:
        case = read_case(record)
        if case is not None:
            collector.put(case)

    follower = Follower(settings.kafka, CASES, take)
    server = serve(
        settings.metrics.host,
        settings.metrics.port or DEFAULT_PORT,
        gate(make_wsgi_app(metrics.registry), follower.caught_up.is_set),
    )
    follower.start()
    ended = threading.Event()
    meter = threading.Thread(target=_measure_lag, args=(settings, ended, metrics), name="lag", daemon=True)
    meter.start()
    try:
        while not stop.wait(0.5):
            if follower.failure is not None:
                raise ServerError(f"{CASES.name} cannot be followed: {follower.failure}") from follower.failure
    finally:
        ended.set()
        server.shutdown()
        server.server_close()
        follower.stop()
        meter.join(timeout=5)


def serve(host: str, port: int, app: WSGIApplication) -> WSGIServer:
    """Serve an application on a thread of its own and return the server; raises InstanceError for a taken port."""
    try:
        server = make_server(host, port, app, server_class=_Server, handler_class=_Quiet)
    except OSError as error:
        raise InstanceError(
            f"metrics cannot listen on {host}:{port}: {error.strerror}; set TREATYWATCH_METRICS_PORT to a free port"
        ) from error
    threading.Thread(target=server.serve_forever, name="metrics http", daemon=True).start()
    log.info("serving metrics", host=host, port=server.server_port)
    return server


def _measure_lag(settings: Settings, ended: threading.Event, metrics: Metrics) -> None:
    """Measure every few seconds. Where the broker does not answer there is no series: an old figure would look fine."""
    meter: LagMeter | None = None
    while not ended.is_set():
        try:
            meter = meter or LagMeter(settings.kafka)
            show_lag(metrics, {key: (value.behind, value.committed) for key, value in meter.measure().items()})
        except (
            Exception
        ) as error:  # whatever it is: an old figure must go, and the transitions matter more than the lag
            log.warning("lag cannot be measured", error=f"{type(error).__name__}: {error}")
            show_lag(metrics, {})
            if meter is not None:
                meter.close()
            meter = None
        ended.wait(LAG_EVERY_SECONDS)
    if meter is not None:
        meter.close()


def show_lag(metrics: Metrics, found: Mapping[tuple[str, str], tuple[int, int]]) -> None:
    """Set the lag and the committed gauges to (behind, committed) by (group, topic); groups that are gone go."""
    for gauge, position in ((metrics.lag, 0), (metrics.committed, 1)):
        shown = {tuple(sample.labels.values()) for family in gauge.collect() for sample in family.samples}
        for labels in shown - set(found):
            gauge.remove(*labels)
        for labels, values in found.items():
            gauge.labels(*labels).set(values[position])


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Log no scrapes."""
