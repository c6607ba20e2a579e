"""The roles, one command each: what `up` starts and compose runs as services."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from treatywatch.commands.options import (
    FeedsOption,
    ItemsOption,
    StateOption,
    configuration,
    own_metrics,
    served_metrics,
    stop_event,
)
from treatywatch.locate import state_dir

if TYPE_CHECKING:
    from treatywatch.feeds import Feed


def produce(
    feeds: FeedsOption = None,
    items: ItemsOption = None,
    once: Annotated[bool, typer.Option("--once", help="Poll every feed once and end.")] = False,
    stdout: Annotated[
        bool, typer.Option("--stdout", help="Write item lines to standard output, not to Kafka (with --once).")
    ] = False,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Admit the private addresses that the feeds file itself names.")
    ] = False,
    alert: Annotated[bool, typer.Option("--alert", help="Alert on what would count as back-filled.")] = False,
    newsroom: Annotated[
        str | None, typer.Option("--newsroom", metavar="URL", help="Poll the demo newsroom at this address.")
    ] = None,
    outbox: Annotated[
        bool, typer.Option("--outbox", help="Keep what was sent for a broker that forgets (set by up).")
    ] = False,
    state: StateOption = None,
) -> None:
    """Poll the feeds (or read a file) and publish items."""
    from producers import run
    from treatywatch.account import Outcome
    from treatywatch.feeds import load_feeds

    settings, config = configuration("produce")
    folder = state_dir(state)
    if stdout and not once:
        raise typer.BadParameter("--stdout goes with --once")
    if items is not None:
        account = run.produce_items(
            settings,
            items,
            folder,
            stop=stop_event(),
            alert=alert,
            outbox=outbox,
            feeds=_known_feeds(config),
            metrics=served_metrics(settings),
        )
        print(
            f"produce: {account.received:,} lines, {account.total(Outcome.PASSED):,} published, "
            f"{account.received - account.total(Outcome.PASSED):,} dead",
            file=sys.stderr,
        )
        return
    if newsroom is not None:
        from treatywatch.demo import feeds_for, load_demo
        from treatywatch.feeds import Feed

        rows = [Feed.model_validate(row) for row in feeds_for(load_demo(config), newsroom)]
        allow_private = True
    else:
        rows = list(load_feeds(feeds or config / "feeds.yml"))
    if once:
        status = run.poll_once(
            settings, rows, folder, sys.stdout if stdout else None, sys.stderr, allow_private=allow_private, alert=alert
        )
        raise typer.Exit(status)
    run.produce_feeds(
        settings,
        rows,
        folder,
        stop=stop_event(),
        allow_private=allow_private,
        alert=alert,
        outbox=outbox,
        metrics=served_metrics(settings),
    )


def process(state: StateOption = None) -> None:
    """Run the Faust worker: items -> signals -> cases."""
    settings, config = configuration("process")
    from processors.agents import run_process

    raise typer.Exit(run_process(settings, config, Path(state) if state else None, served_metrics(settings)))


def index(state: StateOption = None) -> None:
    """Write signals and cases to the store (SQLite or Elasticsearch)."""
    from sinks.index import run_index

    settings, config = configuration("index")
    run_index(settings, config, state_dir(state), stop_event(), served_metrics(settings))


def metrics(state: StateOption = None) -> None:
    """Expose the transitions that alerts key off, and consumer lag, to Prometheus."""
    from sinks.metrics import run_metrics

    settings, _ = configuration("metrics")
    run_metrics(settings, stop_event(), own_metrics())


def notify(
    test: Annotated[bool, typer.Option("--test", help="Send one test message to every channel and end.")] = False,
    state: StateOption = None,
) -> None:
    """Tell people, once per transition."""
    from sinks.notify.role import run_notify, send_test

    settings, config = configuration("notify")
    if test:
        raise typer.Exit(send_test(settings, config))
    run_notify(settings, config, state_dir(state), stop_event(), served_metrics(settings))


def live() -> None:
    """Serve the live page."""
    from sinks.live.server import run_live

    settings, config = configuration("live")
    run_live(settings, config, stop_event(), served_metrics(settings))


def newsroom(
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8760,
    seconds: Annotated[float, typer.Option(help="How long the eleven months play.", min=1)] = 60.0,
    state: StateOption = None,
) -> None:
    """Publish the demo newsroom's feeds (illustrative outlets) on 127.0.0.1."""
    from producers.newsroom import serve
    from treatywatch.demo import load_demo

    _, config = configuration("newsroom")
    serve(load_demo(config), "127.0.0.1", port, seconds, state_dir(state), stop_event())


def _known_feeds(config: Path) -> tuple[Feed, ...]:
    from treatywatch.feeds import load_feeds

    """Return the feeds whose outlets have known owners; none where there is no feeds file."""
    path = config / "feeds.yml"
    return load_feeds(path) if path.exists() else ()
