"""Commands that read texts without a broker: detect, explain."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from treatywatch.commands.options import JsonOption, configuration
from treatywatch.errors import TreatywatchError


def detect(file: Annotated[str, typer.Argument(help="Item lines; - is standard input.")] = "-") -> None:
    """Read item lines, write one JSON line per line with its signals, or the reason why there are none.

    Blank lines are no item lines and are skipped.
    """
    import gc

    gc.disable()  # until all is loaded: what is loaded stays
    from processors.detect.lines import answer
    from processors.detect.pipeline import load_detector
    from producers.files import lines, read_lines
    from treatywatch.item_lines import DEFAULT_LANGUAGE
    from treatywatch.model import DeadLetter

    _, config = configuration("detect", quiet=True)
    detector = load_detector(config, ahead=(DEFAULT_LANGUAGE,))
    gc.freeze()
    gc.enable()
    unreadable = 0
    with lines(file) as stream:
        for line in read_lines(stream, source=file):
            unreadable += isinstance(line, DeadLetter)
            sys.stdout.buffer.write(answer(line, detector) + b"\n")
    sys.stdout.flush()
    if unreadable:
        raise typer.Exit(1)


def explain(
    text: Annotated[list[str], typer.Argument(help="A headline, or a headline and a summary.")],
    date: Annotated[str | None, typer.Option(help="The day it was published, YYYY-MM-DD.")] = None,
    language: Annotated[str, typer.Option(help="Its language.")] = "en",
    as_json: JsonOption = False,
) -> None:
    """Show why a text gives a signal or none: marked words, the rules in plain sentences, what would change it.

    Every change that is told was tried: the changed text was read. Colours are left out where NO_COLOR is set or the
    output is no terminal.
    """
    import msgspec
    from rich.console import Console

    from processors.detect.explaining.changes import Examples
    from processors.detect.explaining.explanation import explain as explain_item
    from processors.detect.explaining.terminal import render
    from processors.detect.lines import detect_line
    from processors.detect.pipeline import load_detector
    from treatywatch.actors import load_actors
    from treatywatch.item_lines import DEFAULT_LANGUAGE, read_date, read_line
    from treatywatch.model import Item
    from treatywatch.register import load_register

    _, config = configuration("explain", quiet=True)
    if date and read_date(date) is None:
        raise typer.BadParameter(f"--date {date}: no YYYY-MM-DD")
    line = {"title": text[0], "summary": " ".join(text[1:]), "language": language, "published": date}
    item = read_line(json.dumps(line).encode())
    if not isinstance(item, Item):
        raise TreatywatchError(f"nothing to explain: {item.error}")
    detector = load_detector(config, ahead=(DEFAULT_LANGUAGE,))
    detection = detector.read(item)
    examples = Examples(load_actors(config).name("FI"), load_register(config).name("APMBC", "APMBC"))
    explained = explain_item(item, detection, detector.read, detector.look(item), detector.confidence, examples)
    if as_json:
        told = {**detect_line(item, detection), "explanation": msgspec.to_builtins(explained)}
        print(json.dumps(told, ensure_ascii=False))
        return
    Console(highlight=False, soft_wrap=True).print(render(explained), end="")
