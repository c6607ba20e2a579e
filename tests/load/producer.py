"""The process under test: `produce_feeds` as the produce role runs it, with every host name led to the world's server.

python -m tests.load.producer PLAN PORT BOOTSTRAP STATE SPACING
"""

from __future__ import annotations

import json
import signal
import socket
import sys
import threading
from pathlib import Path

from aiohttp.abc import AbstractResolver, ResolveResult

from producers.addresses import Admission
from producers.run import produce_feeds
from tests.load.world import Plan, Source, world
from treatywatch.account import Outcome
from treatywatch.feeds import Feed
from treatywatch.logs import configure
from treatywatch.metrics import Metrics
from treatywatch.settings import Kafka, Log, Settings


class ToLoopback(AbstractResolver):
    """Every name is 127.0.0.1."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Answer at once."""
        return [
            ResolveResult(hostname=host, host="127.0.0.1", port=port, family=socket.AF_INET, proto=0, flags=0),
        ]

    async def close(self) -> None:
        """Nothing to close."""


def feed(source: Source, port: int) -> Feed:
    """Return the world's feed as a feeds file would name it."""
    return Feed(
        id=source.id,
        url=f"http://{source.host}:{port}{source.path}",
        outlet=f"Outlet of {source.host}",
        illustrative=True,
        interval_seconds=source.interval if source.pinned else None,
        min_interval_seconds=None if source.pinned else source.interval / 2,
        max_interval_seconds=None if source.pinned else source.interval,
    )


def main() -> None:
    """Poll until SIGTERM."""
    plan, port, bootstrap, state, spacing = sys.argv[1:]
    feeds = [feed(source, int(port)) for source in world(Plan(**json.loads(plan)))]
    hosts = {(source.host, int(port)) for source in world(Plan(**json.loads(plan)))}
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    configure(Log(format="json", level="warning"), "produce")
    account = produce_feeds(
        Settings(kafka=Kafka(bootstrap=bootstrap)),
        feeds,
        Path(state),
        stop,
        metrics=Metrics(),
        spacing=float(spacing),
        admission=Admission(private=frozenset({("127.0.0.1", int(port))}), ports=frozenset(hosts)),
        resolver=ToLoopback(),
    )
    print(json.dumps({"passed": account.total(Outcome.PASSED)}), flush=True)


if __name__ == "__main__":
    main()
