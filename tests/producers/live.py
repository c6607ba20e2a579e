"""A producer at work on local feed servers, with a fake broker behind."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

from producers.run import produce_feeds
from tests.producers.fake_broker import FakeBroker
from tests.producers.feed_server import FeedServer
from treatywatch.account import Account
from treatywatch.feeds import Feed
from treatywatch.metrics import Metrics
from treatywatch.settings import Settings


def feed(server: FeedServer, path: str, interval: float = 0.06) -> Feed:
    """Name a path of a local server as a feed that is polled all the time."""
    return Feed(
        id=path.strip("/"), url=server.url(path), outlet="Illustrative", illustrative=True, interval_seconds=interval
    )


class Live:
    """A producer at work: started, watched until something holds, stopped."""

    def __init__(self, server: FeedServer, folder: Path, broker: FakeBroker, *paths: str) -> None:
        self.server, self.folder, self.broker = server, folder, broker
        self.feeds = [feed(server, path) for path in paths]
        self.metrics = Metrics()
        self.account: Account | None = None
        self.settings = Settings()

    async def until(self, holds: Callable[[], bool], seconds: float = 20) -> None:
        """Run until something holds, which is looked at with each request to the server."""
        stop = threading.Event()
        running = asyncio.create_task(
            asyncio.to_thread(
                produce_feeds,
                self.settings,
                self.feeds,
                self.folder,
                stop,
                metrics=self.metrics,
                keep=True,
                alert=True,
                allow_private=True,
                connect=self.broker.connect,
            )
        )
        try:
            async with asyncio.timeout(seconds):
                while not holds():  # there is always a next request
                    await self.server.next_request()
        finally:
            stop.set()
            self.account = await running

    def value(self, name: str, **labels: str) -> float:
        """Return the value of a metric."""
        return self.metrics.registry.get_sample_value(name, labels) or 0.0
