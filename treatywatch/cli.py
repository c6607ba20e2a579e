"""The command line: one command per verb, each thin: read the options, call the part that does it, tell the result.

Errors that are expected (TreatywatchError) are one clear line on standard error and an exit status of their own;
anything else is a fault of ours and keeps its traceback. Parts are imported inside their commands, so that `--help` and
`detect` start fast.
"""

from __future__ import annotations

import errno
import gc
import os
import sqlite3
import sys
from collections.abc import Callable
from typing import Annotated, NoReturn

import typer

from treatywatch import __version__
from treatywatch.commands import deadletters, everything, feeds, looking, operations, replays, roles, scores, texts
from treatywatch.errors import EXIT_DISK, TreatywatchError

gc.set_threshold(50_000)  # a start makes tens of thousands of objects that stay; the default looks at them 100 times

app = typer.Typer(
    name="treatywatch",
    help="Tells people, within minutes, when a state moves to leave a treaty.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_DISK = {
    errno.ENOSPC: "make room and start again",
    errno.EDQUOT: "make room and start again",
    errno.EROFS: "choose another folder with --state",
    errno.EACCES: "choose another folder with --state",
}

EVERYTHING = "Everything on one machine"
ROLES = "The roles, one by one"
TEXTS = "Texts, without a broker"
OPERATIONS = "Operations"

COMMANDS: tuple[tuple[str, Callable[..., None], str], ...] = (
    ("up", everything.up, EVERYTHING),
    ("produce", roles.produce, ROLES),
    ("process", roles.process, ROLES),
    ("index", roles.index, ROLES),
    ("metrics", roles.metrics, ROLES),
    ("notify", roles.notify, ROLES),
    ("live", roles.live, ROLES),
    ("newsroom", roles.newsroom, ROLES),
    ("detect", texts.detect, TEXTS),
    ("explain", texts.explain, TEXTS),
    ("replay", replays.replay, TEXTS),
    ("cases", looking.cases, TEXTS),
    ("history", looking.history, TEXTS),
    ("eval", scores.evaluate, TEXTS),
    ("measure", scores.measure, TEXTS),
    ("calibrate", scores.calibrate, TEXTS),
    ("topics", operations.topics, OPERATIONS),
    ("setup", operations.setup, OPERATIONS),
    ("lag", operations.lag, OPERATIONS),
    ("doctor", operations.doctor, OPERATIONS),
    ("health", operations.health, OPERATIONS),
)
for name, command, panel in COMMANDS:
    app.command(name, rich_help_panel=panel)(command)
app.add_typer(feeds.app, name="feeds", rich_help_panel=OPERATIONS)
app.add_typer(deadletters.app, name="deadletters", rich_help_panel=OPERATIONS)


def main() -> NoReturn:
    """Run the command line; ends the process."""
    try:
        app()
    except TreatywatchError as error:
        for line in str(error).splitlines():
            print(f"treatywatch: {line}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader of our output has gone
        sys.exit(141)
    except (OSError, sqlite3.DatabaseError) as error:
        fault = disk_fault(error)
        if fault is None:
            raise
        print(f"treatywatch: {fault}", file=sys.stderr)
        sys.exit(EXIT_DISK)
    sys.exit(0)


def disk_fault(error: OSError | sqlite3.DatabaseError) -> str | None:
    """Say in one line that a disk is full or cannot be written; none for any other error."""
    if isinstance(error, OSError) and error.errno in _DISK:
        return f"{error.filename or 'the state folder'}: {os.strerror(error.errno)}; {_DISK[error.errno]}"
    if isinstance(error, sqlite3.OperationalError) and "full" in str(error):
        return f"the state folder: {error}; {_DISK[errno.ENOSPC]}"
    if isinstance(error, sqlite3.DatabaseError) and ("not a database" in str(error) or "malformed" in str(error)):
        return f"the state folder: {error}; a file in there is damaged: move *.sqlite away and start again"
    if isinstance(error, sqlite3.OperationalError) and ("readonly" in str(error) or "unable to open" in str(error)):
        return f"the state folder: {error}; {_DISK[errno.EROFS]}"
    return None


def _version(value: bool) -> None:
    if value:
        print(__version__)
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None: ...
