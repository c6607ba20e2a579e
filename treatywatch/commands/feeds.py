"""Commands for the list of feeds: list, check, add, import, export."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from treatywatch.commands.options import FeedsOption, JsonOption, StateOption, configuration
from treatywatch.errors import ConfigError
from treatywatch.locate import config_dir, state_dir

if TYPE_CHECKING:
    from producers.check import Checked
    from producers.standing import Row

app = typer.Typer(help="Look after the list of feeds: how they stand, which are alive, new ones.")

_COLOURS = {"gone": "31", "failing": "31", "held": "33", "new": "36", "off": "90"}  # ANSI: red, yellow, cyan, grey

AllowPrivateOption = Annotated[
    bool, typer.Option("--allow-private", help="Admit the private addresses that the feeds file itself names.")
]


@app.callback(invoke_without_command=True)
def feeds_default(
    context: typer.Context, feeds: FeedsOption = None, state: StateOption = None, as_json: JsonOption = False
) -> None:
    """Look after the list of feeds. Without a command, show how each stands, as `list` does."""
    if context.invoked_subcommand is None:
        feeds_list(feeds, state, as_json)


@app.command("list")
def feeds_list(feeds: FeedsOption = None, state: StateOption = None, as_json: JsonOption = False) -> None:
    """Show how each feed stands, from what its last polls left behind; those in trouble first.

    Colours on a terminal only. Counts are since the feed was first read; bytes are of bodies, decompressed.
    """
    from producers.health import by_trouble
    from producers.mailbox import SOURCE
    from producers.standing import remembered, stand
    from treatywatch.feeds import load_feeds

    now = datetime.now(UTC)
    known = remembered(state_dir(state))
    rows = by_trouble(
        stand(feed, known.get(feed.id), now)
        for feed in (*load_feeds(_file(feeds)), *([SOURCE] if SOURCE.id in known else []))
    )
    if as_json:
        print(json.dumps([_described(row) for row in rows], ensure_ascii=False))
        return
    header = ("feed", "stands", "class", "read", "news", "every", "items", "known", "bytes", "fails", "what")
    _print_table(header, [_columns(row, now) for row in rows], [_COLOURS.get(row.standing, "") for row in rows])
    counts = {word: sum(row.standing == word for row in rows) for word in dict.fromkeys(row.standing for row in rows)}
    print(f"{len(rows)} feeds: {_counted(counts)}")


@app.command("check")
def feeds_check(
    feeds: FeedsOption = None,
    timeout: Annotated[
        float | None, typer.Option(help="Seconds for one feed; default: produce.timeout_seconds.")
    ] = None,
    allow_private: AllowPrivateOption = False,
    state: StateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask every feed once and say what is there; exit status 1 if one is dead or no feed. Remembers nothing.

    A rest that a server has asked the producer for is kept.
    """
    import asyncio

    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from producers.check import check_feeds
    from producers.standing import remembered
    from treatywatch.feeds import load_feeds

    settings, config = configuration("feeds", quiet=True)
    if timeout is not None and timeout <= 0:
        raise typer.BadParameter("--timeout is a number of seconds above 0")
    produce = settings.produce.model_copy(update={"timeout_seconds": timeout or settings.produce.timeout_seconds})
    rows = [feed for feed in load_feeds(feeds or config / "feeds.yml") if feed.enabled]
    holds = {feed: kept.hold_until for feed, kept in remembered(state_dir(state)).items() if kept.hold_until}
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        console=Console(stderr=True), transient=True,
    )  # fmt: skip
    with bar:
        task = bar.add_task("asking feeds", total=len(rows))
        found = asyncio.run(
            check_feeds(
                rows,
                produce,
                lambda: datetime.now(UTC),
                lambda one: bar.advance(task),
                allow_private=allow_private,
                holds=holds,
            )
        )
    if as_json:
        print(json.dumps([_found(one) for one in found], ensure_ascii=False))
    else:
        _print_table(
            ("feed", "found", "entries", "newest", "what"),
            [
                (
                    one.feed.id,
                    one.finding,
                    str(one.entries or ""),
                    f"{one.newest:%Y-%m-%d %H:%M}" if one.newest else "",
                    " ".join(part for part in (f"to {one.moved}" if one.moved else "", one.detail) if part),
                )
                for one in found
            ],
        )
        counts = {word: sum(one.finding == word for one in found) for word in dict.fromkeys(o.finding for o in found)}
        print(f"{len(found)} feeds: {_counted(counts)}")
    if not all(one.usable for one in found):
        raise typer.Exit(1)


@app.command("add")
def feeds_add(
    url: Annotated[str, typer.Argument(help="Address of the feed.")],
    outlet: Annotated[str, typer.Option(help="Who publishes, as readers know it.")],
    owner: Annotated[
        str | None, typer.Option(help="Group that owns the outlet; outlets of one owner are one voice.")
    ] = None,
    country: Annotated[str | None, typer.Option(help="ISO 3166-1 alpha-2 code; EU, or XX for the world.")] = None,
    language: Annotated[str | None, typer.Option(help="Language of the texts; en where it is left out.")] = None,
    kind: Annotated[str | None, typer.Option(help="wire, newspaper, broadcaster, government, ngo and so on.")] = None,
    feed_id: Annotated[str | None, typer.Option("--id", help="Its short name; default: made from the outlet.")] = None,
    feeds: FeedsOption = None,
) -> None:
    """Add a feed at the end of the feeds file; comments stay, an address that is there already is refused."""
    from treatywatch.feed_rows import append_feeds, free_id, make_feed, render_rows
    from treatywatch.feeds import load_feeds

    path = _file(feeds)
    taken = {feed.id for feed in load_feeds(path)} if path.exists() else set()
    feed = make_feed(
        id=feed_id or free_id(outlet, url, taken),
        url=url,
        outlet=outlet,
        owner=owner,
        country=country,
        language=language,
        kind=kind,
        verified=False,
    )
    append_feeds(path, [feed])
    print(render_rows([feed]), end="")


@app.command("import")
def feeds_import(
    file: Annotated[Path, typer.Argument(metavar="FILE.opml", help="A list of feeds in OPML.")],
    append: Annotated[
        bool, typer.Option("--append", help="Add the rows to the feeds file; else they are printed.")
    ] = False,
    feeds: FeedsOption = None,
) -> None:
    """Read a list of feeds in OPML and print its rows, or append them; exit status 1 if one could not be used.

    Feeds whose address is in the feeds file already are left out, and said so.
    """
    from treatywatch.feed_rows import address, append_feeds, render_rows
    from treatywatch.feeds import load_feeds
    from treatywatch.opml import read_opml

    path = _file(feeds)
    there = load_feeds(path) if path.exists() else ()
    try:
        data = file.read_bytes()
    except OSError as error:
        raise ConfigError([f"{file}: cannot be read: {error}"]) from error
    outlines = read_opml(data, str(file), there)
    seen = {address(feed.url): feed.id for feed in there}
    new = []
    for feed in outlines.feeds:
        if (same := seen.get(address(feed.url))) is not None:
            print(f"{file}: left out, it is there already as '{same}': {feed.url}", file=sys.stderr)
            continue
        seen[address(feed.url)] = feed.id
        new.append(feed)
    for fault in outlines.faults:
        print(fault, file=sys.stderr)
    if append and new:
        append_feeds(path, new)
        print(f"{path}: {len(new)} feeds added")
    elif not append:
        print(render_rows(new), end="")
    if outlines.faults:
        raise typer.Exit(1)


@app.command("export")
def feeds_export(
    feeds: FeedsOption = None,
    opml: Annotated[bool, typer.Option("--opml", help="OPML 2.0, for feed readers; also without saying so.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Write the list of feeds to standard output, as OPML 2.0 or JSON."""
    from treatywatch.feeds import load_feeds
    from treatywatch.opml import write_opml

    if opml and as_json:
        raise typer.BadParameter("--opml or --json, not both")
    rows = load_feeds(_file(feeds))
    if as_json:
        print(json.dumps([feed.model_dump(mode="json") for feed in rows], ensure_ascii=False))
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(write_opml(rows))


def _file(feeds: Path | None) -> Path:
    return feeds or config_dir(os.environ.get("TREATYWATCH_CONFIG")) / "feeds.yml"


def _described(row: Row) -> dict[str, Any]:
    state = row.state
    return {
        "id": row.feed.id,
        "url": row.feed.url,
        "outlet": row.feed.outlet,
        "stands": row.standing,
        "moved_to": state.moved_url,
        "last_success": _instant(state.last_success),
        "last_item": _instant(state.last_item),
        "due": _instant(state.due),
        "hold_until": _instant(state.hold_until),
        "interval_seconds": state.pace or state.interval or None,
        "items": state.items,
        "duplicates": state.duplicates,
        "bytes": state.bytes,
        "failures": state.failures,
        "failure_class": row.failure_class,
        "failure": state.failure,
        "hub": state.hub,
        "verified": row.feed.verified,
    }


def _columns(row: Row, now: datetime) -> tuple[str, ...]:
    state = row.state
    notes = (
        f"moved to {state.moved_url}" if state.moved_url else "",
        state.failure or "",
        f"hub {state.hub}" if state.hub else "",
    )
    every = state.pace or state.interval
    return (
        row.feed.id,
        row.standing,
        row.failure_class or "",
        _ago(state.last_success, now),
        _ago(state.last_item, now),
        _span(every) if every else "",
        f"{state.items:,}" if state.items else "",
        f"{state.duplicates:,}" if state.duplicates else "",
        _size(state.bytes) if state.bytes else "",
        str(state.failures or ""),
        "; ".join(note for note in notes if note),
    )


def _found(one: Checked) -> dict[str, Any]:
    return {
        "id": one.feed.id,
        "url": one.feed.url,
        "found": one.finding,
        "moved_to": one.moved,
        "entries": one.entries,
        "newest": _instant(one.newest),
        "hub": one.hub,
        "detail": one.detail,
    }


def _print_table(header: Sequence[str], rows: Iterable[Sequence[str]], colours: Sequence[str] = ()) -> None:
    """Print aligned columns, the last as long as it is; what a server wrote is printed without control characters.

    On a terminal a line is in its colour, unless NO_COLOR is set.
    """
    cells = [tuple(header), *(tuple(_printable(cell) for cell in row) for row in rows)]
    widths = [max(len(row[n]) for row in cells) for n in range(len(header))]
    painted = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    for row, colour in zip_longest(cells, ("", *colours), fillvalue=""):
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        print(f"\x1b[{colour}m{line}\x1b[0m" if painted and colour else line)


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _counted(counts: dict[Any, int]) -> str:
    return ", ".join(f"{count} {word}" for word, count in counts.items())


def _instant(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _ago(moment: datetime | None, now: datetime) -> str:
    return "never" if moment is None else f"{_span(max(0.0, (now - moment).total_seconds()))} ago"


def _span(seconds: float) -> str:
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def _size(count: int) -> str:
    for size, unit in ((10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} B"
