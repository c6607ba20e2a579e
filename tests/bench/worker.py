"""Run one Faust worker over a filled topic; write to a file its CPU seconds from first item to last, and its outputs.

    python -m tests.bench.worker bare|treatywatch BOOTSTRAP GROUP COUNT

`bare` decodes each item and counts it, with the same settings of Faust; `treatywatch` is the worker as it is shipped.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import processors.app as app
from processors.agents import Worker
from processors.detect.pipeline import load_detector
from processors.track.advance import load_rules
from treatywatch import wire
from treatywatch.locate import config_dir
from treatywatch.metrics import Metrics
from treatywatch.model import Item
from treatywatch.settings import Kafka, Settings
from treatywatch.topics import ITEMS, SIGNALS

RESULT = Path("measured.json")  # Faust writes to standard output too


class Count:
    """Counts items; at the last one it writes what it measured and ends the process."""

    def __init__(self, count: int) -> None:
        self.count, self.seen, self.started, self.outputs = count, 0, 0.0, 0

    def item(self) -> None:
        """One item is through."""
        self.seen += 1
        if self.seen == 1:
            self.started = time.process_time()
        if self.seen == self.count:
            found = {"seconds": time.process_time() - self.started, "signals": self.outputs}
            RESULT.write_text(json.dumps(found), encoding="utf-8")
            os._exit(0)


def bare(settings: Settings, counted: Count) -> int:
    """Decode and count, in Faust."""
    faust_app = app.make_app(settings, None)
    topic = faust_app.topic(ITEMS.name, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")

    async def read(stream: Any) -> None:
        async for event in stream.events():
            wire.decode(event.value, Item)
            counted.item()

    faust_app.agent(topic, name="bare", concurrency=1)(read)
    return app.run_worker(faust_app, 10)


def ours(settings: Settings, counted: Count, folder: Path) -> int:
    """Run the worker as it is, and count what it finishes and sends."""
    faust_app = app.make_app(settings, None)
    config = config_dir()
    worker = Worker(faust_app, settings, load_detector(config), load_rules(config), Metrics(), folder)
    one_item, send = worker.one_item, worker.send

    async def counting(event: Any) -> None:
        await one_item(event)
        counted.item()

    async def sending(topic: Any, *args: Any, **more: Any) -> None:
        await send(topic, *args, **more)
        counted.outputs += topic is SIGNALS

    worker.one_item, worker.send = counting, sending  # type: ignore[method-assign]  # watched, not replaced
    worker.wire_up()
    gc.freeze()  # as run_process does
    return app.run_worker(faust_app, 10)


def main(kind: str, bootstrap: str, group: str, count: str) -> int:
    """Run one of the two."""
    app.APP_ID = group
    settings = Settings(kafka=Kafka(bootstrap=bootstrap, partitions=1))
    counted = Count(int(count))
    return bare(settings, counted) if kind == "bare" else ours(settings, counted, Path.cwd())


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
