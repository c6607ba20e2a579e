"""How `treatywatch up` runs each role: with which arguments and settings. Pure, but for the environment it inherits."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from treatywatch.roles import Role
from treatywatch.settings import Kafka, Notify, Settings

METRICS_PORT = 8751


@dataclass(frozen=True, slots=True)
class Input:
    """What `up` works on: the demo, a file of item lines, or (neither) the feeds of `feeds`."""

    demo: bool = False
    items: str | None = None
    feeds: Path | None = None
    exit: bool = False
    alert: bool = False
    seconds: float = 60.0  # how long the demo plays


def metrics_port(settings: Settings) -> int:
    """Return the port of the metrics role, which serves in any case."""
    return settings.metrics.port or METRICS_PORT


def arguments(role: Role, source: Input, newsroom: str | None) -> list[str]:
    """Return a role's command line behind `treatywatch`: that of the process table, with what the input asks for."""
    argv = list(role.command[1:])
    if role.name == "produce":
        if source.items is not None:
            argv += ["--items", source.items]
        elif source.demo:
            argv += ["--newsroom", str(newsroom)]
        elif source.feeds is not None:
            argv += ["--feeds", str(source.feeds)]
        if source.alert or source.demo:
            argv += ["--alert"]
        argv += ["--outbox"]
    if role.name in ("process", "index"):
        argv += ["--account"]
    return argv


def environment(
    role: str, settings: Settings, kafka: Kafka, config: Path, state: Path, source: Input
) -> dict[str, str]:
    """Return the environment of a role: ours, with what `up` decides set over it."""
    mine = {
        "TREATYWATCH_CONFIG": str(config),
        "TREATYWATCH_STATE": str(state),
        "TREATYWATCH_NOTIFY_TERMINAL": "true",  # into its log: the supervisor has the terminal
        "TREATYWATCH_NOTIFY_SOURCE": "cases",
        "TREATYWATCH_METRICS_PORT": str(metrics_port(settings)) if role == "metrics" else "0",
        "TREATYWATCH_LOG_FORMAT": "json",
        "PYTHONUNBUFFERED": "1",
    }
    if settings.kafka.embedded:
        mine |= {
            "TREATYWATCH_KAFKA_BOOTSTRAP": kafka.bootstrap,
            "TREATYWATCH_KAFKA_PARTITIONS": str(kafka.partitions),
            "TREATYWATCH_KAFKA_SESSION_TIMEOUT_SECONDS": str(kafka.session_timeout_seconds),
            "TREATYWATCH_KAFKA_FETCH_WAIT_MS": str(kafka.fetch_wait_ms),
        }
    if settings.notify.link_base == Notify().link_base:
        mine["TREATYWATCH_NOTIFY_LINK_BASE"] = f"http://{settings.live.host}:{settings.live.port}"
    if source.demo:
        mine["TREATYWATCH_PROCESS_CLOCK"] = "published"
    # A value and its _FILE form must not both be set; ours wins.
    inherited = {name: value for name, value in os.environ.items() if name.removesuffix("_FILE") not in mine}
    return inherited | mine
