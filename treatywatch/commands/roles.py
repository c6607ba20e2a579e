"""The roles, one command each: what `up` starts and compose runs as services."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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

AccountOption = Annotated[
    bool, typer.Option("--account", help="Keep this run's account in the state folder (set by up).")
]


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
    from producers.once import poll_once
    from producers.poll import SPACING_SECONDS
    from producers.run import produce_feeds, produce_items
    from treatywatch.account import Outcome
    from treatywatch.demo import feeds_for, load_demo
    from treatywatch.feeds import Feed, load_feeds, owners

    settings, config = configuration("produce")
    folder = state_dir(state)
    if stdout != once:
        raise typer.BadParameter("--once and --stdout go together")
    if once:
        rows = load_feeds(feeds or config / "feeds.yml")
        status = poll_once(
            rows,
            folder,
            sys.stdout.buffer,
            sys.stderr,
            allow_private,
            settings=settings.produce,
            config=config,
            alert=alert,
        )
        raise typer.Exit(status)
    if items is not None:
        with _bar(items) as progress:
            account = produce_items(
                settings,
                items,
                folder,
                progress=progress,
                stop=stop_event(),
                alert=alert,
                outbox=outbox,
                owners=owners(_known_feeds(config)),
                metrics=served_metrics(settings),
            )
        print(
            f"produce: {account.received:,} lines: {account.total(Outcome.PASSED):,} published, "
            f"{account.total(Outcome.DEAD):,} dead letters",
            file=sys.stderr,
        )
        return
    if newsroom is not None:
        rows = tuple(Feed.model_validate(row) for row in feeds_for(load_demo(config), newsroom, 0.25))
    else:
        rows = load_feeds(feeds or config / "feeds.yml")
    produce_feeds(
        settings,
        rows,
        folder,
        stop_event(),
        metrics=served_metrics(settings),
        config=config,
        keep=outbox,
        alert=alert,
        allow_private=allow_private or newsroom is not None,
        spacing=0.0 if newsroom is not None else SPACING_SECONDS,
    )


def process(account: AccountOption = False, state: StateOption = None) -> None:
    """Run the Faust worker: items -> signals -> cases."""
    settings, config = configuration("process")
    from processors.agents import run_process

    kept = state_dir(state) if account else None
    raise typer.Exit(run_process(settings, config, kept, served_metrics(settings)))


def index(account: AccountOption = False, state: StateOption = None) -> None:
    """Write signals and cases to the store (SQLite or Elasticsearch)."""
    from sinks.index import run_index

    settings, config = configuration("index")
    run_index(settings, state_dir(state), stop_event(), served_metrics(settings), config, account=account)


def metrics() -> None:
    """Expose the transitions that alerts key off, and consumer lag, to Prometheus."""
    from sinks.metrics import run_metrics

    settings, _ = configuration("metrics")
    run_metrics(settings, stop_event(), own_metrics())


def notify(
    test: Annotated[bool, typer.Option("--test", help="Send one test message to every channel and end.")] = False,
    state: StateOption = None,
) -> None:
    """Tell people, once per transition."""
    from sinks.notify.role import run_notify
    from sinks.notify.trial import send_test

    settings, config = configuration("notify", quiet=test)
    if test:
        raise typer.Exit(send_test(settings, config))
    run_notify(settings, config, state_dir(state), stop_event(), served_metrics(settings), sys.stdout)


def live(state: StateOption = None) -> None:
    """Serve the live page."""
    from functools import partial

    from processors.track.advance import load_rules
    from processors.track.as_of import published, record_at
    from processors.track.dating import first_seen
    from sinks.live.server import run_live

    settings, config = configuration("live")
    # The page of a sink must not fold: what was known is `track`'s to say.
    seen = published if settings.process.clock == "published" else first_seen
    past = partial(record_at, rules=load_rules(config), seen=seen)
    run_live(settings, config, stop_event(), served_metrics(settings), state_dir(state), past)


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
    """Return the feeds whose outlets have known owners; none where there is no feeds file."""
    from treatywatch.feeds import load_feeds

    path = config / "feeds.yml"
    return load_feeds(path) if path.exists() else ()


@contextmanager
def _bar(items: str) -> Iterator[Callable[[int, float | None], None]]:
    """Show how much of an item file is published, on a terminal; the part is known of files, not of standard input."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True) as bar:
        task = bar.add_task(items, total=None)

        def hear(lines: int, fraction: float | None) -> None:
            bar.update(task, description=f"{lines:,} lines", total=1.0 if fraction else None, completed=fraction or 0.0)

        yield hear
