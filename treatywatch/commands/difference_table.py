"""Show how today's alerts differ from those sent: a table for people, one JSON line per difference for programs."""

from __future__ import annotations

from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from processors.difference import Alert, Comparison, Difference, Kind
from treatywatch.actors import load_actors
from treatywatch.register import load_register

_STYLE = {Kind.ADDED: "green", Kind.DROPPED: "red", Kind.STEP: "yellow", Kind.SEVERITY: "cyan"}
_WORDS = {Kind.ADDED: "added", Kind.DROPPED: "dropped", Kind.STEP: "other step", Kind.SEVERITY: "other severity"}


def line(difference: Difference) -> dict[str, object]:
    """Write a difference as one JSON object: `kind`, `case`, and the alerts `sent` and `today`, each or null."""
    about = difference.after or difference.before
    return {
        "kind": difference.kind.value,
        "case": about.case if about else None,
        "sent": _line(difference.before),
        "today": _line(difference.after),
    }


def show(config: Path, comparison: Comparison, signals: int | None, console: Console | None = None) -> None:
    """Print the table and the counts; `signals` is how many --apply would publish, none where it cannot."""
    console = console or Console()
    register, actors = load_register(config), load_actors(config)
    table = Table(title="Alerts, today's rules against what was sent", title_justify="left", box=SIMPLE_HEAD)
    for column in ("", "date", "state and treaty", "sent", "today", "told"):
        table.add_column(column, no_wrap=column in ("", "date"))
    for difference in comparison.differences:
        about = difference.after or difference.before
        assert about is not None
        actor, _, instrument = about.case.partition(":")
        treaty = register.name(instrument, instrument.strip("~").replace("-", " "))
        before = difference.before
        table.add_row(
            f"[{_STYLE[difference.kind]}]{_WORDS[difference.kind]}[/]",
            about.at.date().isoformat(),
            escape(f"{actors.name(actor)} → {treaty}"),
            _cell(before),
            _cell(difference.after),
            "" if before is None else "yes" if before.told else "no",
        )
    if comparison.differences:
        console.print(table)
    counts = ", ".join(f"{comparison.count(kind)} {_WORDS[kind]}" for kind in Kind)
    console.print(f"{counts}; {comparison.same} the same", highlight=False, soft_wrap=True)
    if signals:
        console.print(f"--apply would publish {signals} signals", highlight=False, soft_wrap=True)
    elif signals == 0 and comparison.differences:
        text = "No signal differs: this comes of the rules of tracking, which the worker applies when it starts again."
        console.print(text, highlight=False, soft_wrap=True)


def _cell(alert: Alert | None) -> str:
    if alert is None:
        return ""
    by = f" by {alert.institution.value.replace('_', ' ')}" if alert.institution else ""
    how = "" if alert.kind.value in ("entry", "severity") else f" ({alert.kind.value})"
    return escape(f"{alert.stage.value}{by}{how}, {alert.severity.value}")


def _line(alert: Alert | None) -> dict[str, object] | None:
    if alert is None:
        return None
    return {
        "transition": alert.transition,
        "case": alert.case,
        "kind": alert.kind.value,
        "stage": alert.stage.value,
        "action": alert.action.value,
        "institution": alert.institution.value if alert.institution else None,
        "episode": alert.episode,
        "severity": alert.severity.value,
        "at": alert.at.isoformat().replace("+00:00", "Z"),
        "item": alert.item,
        "told": alert.told,
    }
