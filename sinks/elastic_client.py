"""The connection to Elasticsearch: made from settings, checked for versions, patient while the server is away.

Decides nothing about documents.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

import elasticsearch
import structlog
from elastic_transport import ConnectionError as NoConnection
from elastic_transport import ConnectionTimeout, TlsError
from elasticsearch import ApiError, UnsupportedProductError

from sinks.consume import NotWritten
from treatywatch.errors import ServerError
from treatywatch.settings import Elasticsearch as ElasticsearchSettings

log = structlog.get_logger()

CLIENT_VERSION = version("elasticsearch")
FIRST_DELAY, MAX_DELAY = 0.25, 15.0  # seconds
_LATER = frozenset({429, 500, 502, 503, 504})

T = TypeVar("T")


def connect(settings: ElasticsearchSettings) -> elasticsearch.Elasticsearch:
    """Make a client that tries each request once: waiting is done by `Patience`. Sends nothing yet."""
    login: dict[str, Any] = {}
    if settings.password is not None:
        login["basic_auth"] = (settings.username, settings.password.get_secret_value())
    if settings.ca_file is not None:
        if not Path(settings.ca_file).is_file():  # the client would notice at the first request, and blame the server
            raise ServerError(f"elasticsearch.ca_file: {settings.ca_file} is no file that this user can see")
        login["ca_certs"] = settings.ca_file
    try:
        return elasticsearch.Elasticsearch(
            settings.url,
            **login,
            request_timeout=30,
            max_retries=0,
            http_compress=not settings.url.startswith(("http://127.", "http://localhost")),
        )
    except ValueError as error:
        raise ServerError(
            f"elasticsearch.url: {settings.url!r} is no address like https://host:9200: {error}"
        ) from error


def check_server(client: elasticsearch.Elasticsearch) -> tuple[str, frozenset[str]]:
    """Return the server's version and its modules; raises ServerError where this client cannot talk to it.

    `GET /` is not asked, because the minimal distribution does not answer it.
    """
    nodes = client.nodes.info(metric="plugins", filter_path="nodes.*.version,nodes.*.modules.name")["nodes"].values()
    oldest = min((str(node["version"]) for node in nodes), key=_numbers)
    check_versions(oldest, CLIENT_VERSION)
    modules = [frozenset(module["name"] for module in node.get("modules", ())) for node in nodes]
    return oldest, frozenset.intersection(*modules)


def check_versions(server: str, client: str) -> None:
    """Raise ServerError where the client library is of a newer major version than the server."""
    if _numbers(server)[0] < _numbers(client)[0]:
        raise ServerError(_too_new(f"is version {server}", client))


def _too_new(found: str, client: str) -> str:
    major = _numbers(client)[0]
    return (
        f"Elasticsearch {found}, which the client library {client} cannot talk to; "
        f"update the server to {major}.x or install 'elasticsearch<{major}'"
    )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int("".join(c for c in part if c.isdigit()) or 0) for part in version.split("-")[0].split("."))


def explain(error: Exception, url: str) -> ServerError:
    """Turn what the client raised into one line that says what to check."""
    where = f"Elasticsearch at {url}"
    if isinstance(error, UnsupportedProductError):
        return ServerError(f"{where} is another product: {error.message}")
    if isinstance(error, ApiError):
        words = f"{error.status_code} {error.message}"
        if "media_type_header_exception" in str(error):
            return ServerError(_too_new("is too old", CLIENT_VERSION))
        match error.status_code:
            case 401:
                return ServerError(
                    f"{where} refuses the login; check elasticsearch.username and elasticsearch.password"
                )
            case 403:
                reason = _reason(error)
                return ServerError(f"{where} does not allow this: {reason}; compare config/elasticsearch/roles.yml")
            case _:
                return ServerError(f"{where} answers {words}: {_reason(error)}")
    if isinstance(error, TlsError):
        return ServerError(f"{where} has a certificate that is not trusted; check elasticsearch.ca_file: {error}")
    return ServerError(f"{where} cannot be used: {error}")


def _reason(error: ApiError) -> str:
    body = error.body if isinstance(error.body, dict) else {}
    found = body.get("error")
    return str(found.get("reason", found)) if isinstance(found, dict) else str(found or error.message)


def delays() -> Iterator[float]:
    """Yield how long to wait before each new try: doubled up to a cap, shaken by a fifth."""
    delay = FIRST_DELAY
    while True:
        yield delay * random.uniform(0.8, 1.2)  # noqa: S311 (no secret)
        delay = min(delay * 2, MAX_DELAY)


class Patience:
    """Call the server until it answers, as long as nobody asks to stop."""

    def __init__(self, url: str, stop: threading.Event) -> None:
        self.url, self._stop = url, stop

    def call(self, what: str, request: Callable[[], T]) -> T:
        """Return the answer to a request, however long the server is away or overloaded.

        Raises NotWritten once `stop` is set, and ServerError for an answer that waiting does not mend.
        """
        for delay in delays():
            try:
                return request()
            except TlsError as error:
                raise explain(error, self.url) from error
            except (NoConnection, ConnectionTimeout) as error:
                trouble = f"{type(error).__name__}: {error}"
            except ApiError as error:
                if error.status_code not in _LATER:
                    raise explain(error, self.url) from error
                trouble = f"{error.status_code} {_reason(error)}"
            except UnsupportedProductError as error:
                raise explain(error, self.url) from error
            self.wait(delay, what, trouble)
        raise AssertionError("delays never end")

    def wait(self, delay: float, what: str, trouble: str) -> None:
        """Wait before the next try; raises NotWritten once `stop` is set."""
        log.warning("store is not ready, waiting", store="elasticsearch", doing=what, trouble=trouble, seconds=delay)
        if self._stop.wait(delay):
            raise NotWritten(f"asked to stop while Elasticsearch could not {what}: {trouble}")
