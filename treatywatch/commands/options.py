"""What the commands share: their options, and how a command gets its settings."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from treatywatch.locate import config_dir
from treatywatch.settings import Settings, read_settings

if TYPE_CHECKING:
    from treatywatch.metrics import Metrics

StateOption = Annotated[
    str | None,
    typer.Option("--state", metavar="DIR", help="Folder for what must survive a restart.", envvar="TREATYWATCH_STATE"),
]
ItemsOption = Annotated[
    str | None,
    typer.Option("--items", metavar="FILE", help="Item lines (JSON Lines, plain or .gz); - is standard input."),
]
FeedsOption = Annotated[
    Path | None, typer.Option("--feeds", metavar="FILE", help="A feeds file; default: feeds.yml of the configuration.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Machine-readable output.")]


def configuration(role: str, quiet: bool = False) -> tuple[Settings, Path]:
    """Read settings and the configuration folder, set up logging, and end with the supervisor if there is one."""
    from treatywatch.children import watch_parent
    from treatywatch.logs import configure

    config = config_dir(os.environ.get("TREATYWATCH_CONFIG"))
    settings = read_settings()
    configure(settings.log.model_copy(update={"level": "warning"}) if quiet else settings.log, role)
    watch_parent(lambda: os.kill(os.getpid(), signal.SIGTERM))
    return settings, config


def stop_event() -> threading.Event:
    """Return an event that SIGINT and SIGTERM set."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop


def served_metrics(settings: Settings) -> Metrics:
    """Return this process's metrics, served where the settings say."""
    metrics = own_metrics()
    metrics.serve(settings.metrics.host, settings.metrics.port)
    return metrics


def own_metrics() -> Metrics:
    """Return this process's metrics, not served."""
    from treatywatch.metrics import Metrics

    return Metrics()
