"""Write the benchmarks' figures as docs/performance.md: ratios, with the machine, versions and date they hold for."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

_LIBRARIES = (
    "ahocorasick-rs",
    "aiokafka",
    "confluent-kafka",
    "faust-streaming",
    "feedparser",
    "hyperscan",
    "kafka-python",
    "msgspec",
    "pydantic",
)
_INTRODUCTION = """# Performance

Written by `make bench`; do not edit. Each figure is a ratio to a reference that ran in turn with ours, in the same run
and with equal output, so it holds on a slow machine as on a fast one. The quickest of several rounds counts.

Live, speed is no question: the whole world publishes some ten news items a second. It pays where an archive is read
again with new rules, and in what an alert waits for. How many feeds one process polls in time is in load.md.
"""


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the page: what was measured against what, what came out, and what must."""

    what: str
    reference: str
    found: str
    goal: str


def page(figures: Sequence[Figure]) -> str:
    """Give the page."""
    rows = [f"| {f.what} | {f.reference} | **{f.found}** | {f.goal} |" for f in figures]
    libraries = ", ".join(f"{name} {found}" for name in _LIBRARIES if (found := _version(name)))
    head = ["| what | against | found | goal |", "|---|---|---|---|"]
    made = (
        f"On {datetime.now(UTC):%Y-%m-%d}, {_processor()}, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}; {libraries}."
    )
    return "\n".join([_INTRODUCTION, made, "", *head, *rows, ""])


def _version(name: str) -> str:
    try:
        return version(name)
    except ModuleNotFoundError:
        return ""


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{len(names)} × {names[0]}" if names else platform.processor() or "an unnamed processor"
