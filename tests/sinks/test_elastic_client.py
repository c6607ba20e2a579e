"""Versions, waiting and clear errors, without a server."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable

import pytest
from elastic_transport import ApiResponseMeta, ConnectionError, ConnectionTimeout, HttpHeaders, NodeConfig, TlsError
from elasticsearch import ApiError

from sinks.consume import NotWritten
from sinks.elastic_client import MAX_DELAY, Patience, check_versions, connect, delays, explain
from treatywatch.errors import ServerError
from treatywatch.settings import Elasticsearch

URL = "http://127.0.0.1:21290"


def api_error(status: int, reason: str = "why", kind: str = "some_exception") -> ApiError:
    """Make the error that the client raises for an answer with this status."""
    node = NodeConfig(scheme="http", host="127.0.0.1", port=21290)
    meta = ApiResponseMeta(status=status, http_version="1.1", headers=HttpHeaders(), duration=0.0, node=node)
    return ApiError(kind, meta, {"error": {"type": kind, "reason": reason}})


class Clock(threading.Event):
    """An event whose `wait` takes no time and notes how long it should have been."""

    def __init__(self, stop_after: int = 1000) -> None:
        super().__init__()
        self.waits: list[float] = []
        self._stop_after = stop_after

    def wait(self, timeout: float | None = None) -> bool:
        """Note the time; set after so many waits."""
        self.waits.append(timeout or 0.0)
        if len(self.waits) >= self._stop_after:
            self.set()
        return self.is_set()


def failing(*errors: Exception) -> Callable[[], str]:
    """Return a request that fails with each error in turn and then answers."""
    rest = iter(errors)

    def request() -> str:
        error = next(rest, None)
        if error is not None:
            raise error
        return "answer"

    return request


def test_server_that_comes_back_is_waited_for() -> None:
    """Refused connections, time-outs, overload and a full disk pass; the answer is returned."""
    clock = Clock()
    errors = [ConnectionError("refused"), ConnectionTimeout("slow"), api_error(429), api_error(503), api_error(502)]
    assert Patience(URL, clock).call("write", failing(*errors)) == "answer"
    assert len(clock.waits) == len(errors)


def test_waiting_grows_to_a_cap() -> None:
    """Doubled each time, shaken by a fifth, never more than the cap."""
    waited = list(itertools.islice(delays(), 30))
    assert all(later > earlier for earlier, later in itertools.pairwise(waited[:6]))
    assert all(MAX_DELAY * 0.8 <= wait <= MAX_DELAY * 1.2 for wait in waited[10:])


def test_request_to_stop_ends_the_waiting_without_a_write() -> None:
    """The records stay uncommitted."""
    clock = Clock(stop_after=3)
    with pytest.raises(NotWritten, match="asked to stop while Elasticsearch could not write: ConnectionError"):
        Patience(URL, clock).call("write", failing(*[ConnectionError("refused")] * 10))
    assert len(clock.waits) == 3


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (api_error(401), "refuses the login; check elasticsearch.username and elasticsearch.password"),
        (api_error(403, "action [x] is unauthorized"), r"does not allow this: action \[x\] is unauthorized; compare"),
        (api_error(400, "bad request"), "answers 400 some_exception: bad request"),
        (TlsError("self-signed"), "has a certificate that is not trusted; check elasticsearch.ca_file"),
        (api_error(400, "Accept version", "media_type_header_exception"), "is too old, which the client library"),
    ],
)
def test_answer_that_waiting_does_not_mend_is_one_clear_line(error: Exception, words: str) -> None:
    """Raised at once, with the address and what to check."""
    clock = Clock()
    with pytest.raises(ServerError, match=f"(Elasticsearch at {URL}|Elasticsearch) {words}"):
        Patience(URL, clock).call("write", failing(error))
    assert clock.waits == []


@pytest.mark.parametrize(("server", "client"), [("9.5.4", "9.5.1"), ("9.0.0", "9.5.1"), ("9.5.4", "8.19.3")])
def test_older_or_equal_client_is_accepted(server: str, client: str) -> None:
    """Only the major version counts."""
    check_versions(server, client)


def test_newer_client_names_both_ways_out() -> None:
    """Update the server or take the older client."""
    with pytest.raises(
        ServerError, match=r"is version 8\.19\.21.*9\.5\.1.*server to 9\.x or install 'elasticsearch<9'"
    ):
        check_versions("8.19.21", "9.5.1")


def test_setting_that_cannot_work_is_named_before_any_request() -> None:
    """A missing authority file, and an address without a port."""
    with pytest.raises(ServerError, match=r"elasticsearch\.ca_file: /nowhere/ca\.pem is no file"):
        connect(Elasticsearch(url="https://127.0.0.1:21290", ca_file="/nowhere/ca.pem"))
    with pytest.raises(ServerError, match=r"elasticsearch\.url: 'nonsense' is no address like https://host:9200"):
        connect(Elasticsearch(url="nonsense"))


def test_unknown_trouble_still_names_the_server() -> None:
    """The fallback."""
    assert str(explain(RuntimeError("odd"), URL)) == f"Elasticsearch at {URL} cannot be used: odd"
