"""Commands for inputs that could not be handled: list, show, replay."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from treatywatch.commands.options import JsonOption, configuration

app = typer.Typer(no_args_is_help=True, help="Look at inputs that could not be handled, and send them again.")


@app.command("list")
def deadletters_list(
    limit: Annotated[int, typer.Option(help="The newest so many.")] = 50, as_json: JsonOption = False
) -> None:
    """List dead letters, newest last."""
    from treatywatch.deadletters import listed

    settings, _ = configuration("deadletters", quiet=True)
    for letter in listed(settings.kafka)[-limit:]:
        if as_json:
            print(json.dumps(letter.as_json(), ensure_ascii=False))
        else:
            print(letter.line())


@app.command("show")
def deadletters_show(place: Annotated[str, typer.Argument(help="PARTITION:OFFSET, as list shows it.")]) -> None:
    """Show one dead letter with its original bytes."""
    from treatywatch.deadletters import show

    settings, _ = configuration("deadletters", quiet=True)
    sys.stdout.write(show(settings.kafka, place) + "\n")


@app.command("replay")
def deadletters_replay(
    place: Annotated[str, typer.Argument(help="PARTITION:OFFSET, as list shows it, or 'all'.")],
) -> None:
    """Send the original bytes to where they came from again."""
    from treatywatch.deadletters import replay as send_again

    settings, _ = configuration("deadletters", quiet=True)
    print(f"{send_again(settings.kafka, place)} sent again")
