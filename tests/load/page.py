"""Write the figures of a load run as docs/load.md. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

_INTRODUCTION = """# The load run

Written by `make load ARGS="--write docs/load.md"`; do not edit. One producer process polls feeds whose publishers keep
their own book of what they published when and which requests they saw; what Kafka holds in the end is compared with it.
In between the producer is killed (`kill -9`) and started again, and the broker is killed and away for a minute. Every
item in the book must be in Kafka once, every feed be polled within 1.5 times its interval, and no host be asked twice
within a second. `make nightly` does the same, and holds memory to be flat over fifteen thousand polls of feeds that are
asked every few seconds; `tests/load/` is the code.
"""
_TOLD = {
    "feeds": "feeds",
    "hosts": "host names",
    "polls": "polls in ten minutes",
    "not modified": "of them answered with 304",
    "items": "items in Kafka, the past of each feed included",
    "lost": "items lost",
    "twice": "items there twice",
    "never polled": "feeds never polled",
    "poll gap / interval p99": "time between two polls as a share of the feed's interval, p99",
    "poll gap / interval max": "the same, the longest, across the kill too",
    "least spacing per host s": "least time between two requests to one host, s",
    "items timed": "items timed, from publication on",
    "served to Kafka p50 s": "from the request that first shows an item to Kafka, p50, s",
    "served to Kafka p99 s": "the same, p99, s",
    "published to Kafka less interval p99 s": "from publication to Kafka, less the feed's interval, p99, s",
    "producer killed to first request s": "from the kill to the first request after it, s",
    "broker back to first item s": "from the broker's return to the first item in Kafka, s",
    "under fault, served to Kafka max s": "longest that an item waited for the broker, s",
    "memory growth": "growth of memory from the end of the first round to the kill",
    "resident MB at the end": "memory at the end, the processes that read feeds included, MB",
    "of which readers MB": "of that, the processes that read feeds, MB",
    "CPU ms per poll": "CPU time of a poll, all included, ms",
}


def page(figures: Mapping[str, float], machine: str, at: datetime) -> str:
    """Return the page, for a run on a machine that ended at a moment."""
    rows = [f"| {words} | {_number(name, figures[name])} |" for name, words in _TOLD.items()]
    made = f"On {at:%Y-%m-%d}, {machine}."
    return "\n".join([_INTRODUCTION, made, "", "| what | found |", "|---|---:|", *rows, ""])


def _number(name: str, value: float) -> str:
    if name == "memory growth":
        return f"{value:.1%}"
    return f"{value:,.0f}" if value == int(value) else f"{value:,.3g}" if value < 1000 else f"{value:,.0f}"
