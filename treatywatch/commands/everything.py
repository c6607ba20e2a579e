"""`treatywatch up`: everything on one machine."""

from __future__ import annotations

from typing import Annotated

import typer

from treatywatch.commands.options import FeedsOption, ItemsOption, StateOption, configuration
from treatywatch.locate import state_dir


def up(
    demo: Annotated[
        bool, typer.Option("--demo", help="Play the bundled demo newsroom (illustrative outlets, true dates).")
    ] = False,
    items: ItemsOption = None,
    feeds: FeedsOption = None,
    exit_: Annotated[bool, typer.Option("--exit", help="End when the input is through every stage.")] = False,
    alert: Annotated[
        bool, typer.Option("--alert", help="Alert on what would count as back-filled: old items, files, first polls.")
    ] = False,
    seconds: Annotated[float, typer.Option(help="How long the demo plays.", min=1)] = 60.0,
    state: StateOption = None,
) -> None:
    """Run everything on one machine: broker, producers, worker, store, alerts, live page."""
    from rich.console import Console

    from producers.files import lines
    from treatywatch.embedded import Input
    from treatywatch.embedded import up as run
    from treatywatch.feeds import load_feeds

    if demo and items is not None:
        raise typer.BadParameter("--demo and --items exclude each other")
    settings, config = configuration("up")
    if items is not None and items != "-":
        with lines(items):  # a file that is not there is told before anything starts
            pass
    if not demo and items is None:
        load_feeds(feeds or config / "feeds.yml")  # all faults now, not in a log later
    source = Input(demo=demo, items=items, feeds=feeds, exit=exit_, alert=alert, seconds=seconds)
    raise typer.Exit(run(settings, config, state_dir(state), source, Console()))
