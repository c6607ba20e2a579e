"""What `treatywatch up` shows at the terminal: a progress line, each transition as it happens, tables at the end.

Turns records into lines; decides nothing. On a terminal the progress line stays at the bottom; elsewhere (a log, a
pipe) progress is a plain line now and then.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from datetime import date

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from treatywatch.account import Account, Outcome
from treatywatch.actors import Actors
from treatywatch.model import Case, ChangeKind, Flag, Severity, Signal
from treatywatch.register import Register

_STYLE = {Severity.URGENT: "bold red", Severity.NOTICE: "yellow", Severity.NONE: "dim"}
WIDE = 110  # columns; narrower terminals go without the flags
_STATUS_EVERY = 60.0
_PLAIN_EVERY = 5.0  # seconds between progress lines where there is no terminal


class Screen:
    """The terminal of one run. Used from one thread."""

    def __init__(self, console: Console, register: Register, actors: Actors) -> None:
        self.console, self.register, self.actors = console, register, actors
        self._progress: Progress | None = None
        self._task: TaskID | None = None
        self._last_plain = 0.0
        self._last_shown: tuple[str, int] = ("", -1)

    def say(self, text: str) -> None:
        """Print one line for the operator."""
        self.console.print(text, highlight=False, soft_wrap=True)

    def advance(self, label: str, done: int, total: int) -> None:
        """Show how far the input is."""
        if not self.console.is_terminal:
            now = time.monotonic()
            if now - self._last_plain >= _PLAIN_EVERY and (label, done) != self._last_shown:
                self._last_plain, self._last_shown = now, (label, done)
                self.say(f"{label}: {done:,} of {total:,}")
            return
        if self._progress is None:
            self._progress = Progress(
                TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
                console=self.console, transient=True,
            )  # fmt: skip
            self._task = self._progress.add_task(label, total=total)
            self._progress.start()
        assert self._task is not None
        self._progress.update(self._task, description=label, completed=done, total=total)

    def status(self, text: str) -> None:
        """Show a line that has no end: on a terminal at the bottom, elsewhere once a minute where it has changed."""
        if self.console.is_terminal:
            if self._progress is None:
                self._progress = Progress(
                    SpinnerColumn(), TextColumn("{task.description}"), console=self.console, transient=True
                )
                self._task = self._progress.add_task(text)
                self._progress.start()
            assert self._task is not None
            self._progress.update(self._task, description=text)
        elif time.monotonic() - self._last_plain >= _STATUS_EVERY and (text, 0) != self._last_shown:
            self._last_plain, self._last_shown = time.monotonic(), (text, 0)
            self.say(text)

    def clear(self) -> None:
        """Take the progress line away."""
        if self._progress is not None:
            self._progress.stop()
            self._progress, self._task = None, None

    def transition(self, case: Case) -> None:
        """Print the transition that the record was written for: what, who, when, and the sentence that proves it."""
        change = case.changed
        if change is None:
            return
        treaty = self.register.name(case.treaty, case.treaty_text)
        signal = proof(case)
        who = f" by {change.institution.replace('_', ' ')}" if change.institution else ""
        effect = (
            f"; takes effect {_day(case.effective_date.value)} ({case.effective_date.basis})"
            if case.effective_date
            else ""
        )
        mark = {Severity.URGENT: "!!", Severity.NOTICE: " !", Severity.NONE: "  "}[change.severity]
        self.say(
            f"[{_STYLE[change.severity]}]{mark} {change.at.date()}  {escape(self.actors.name(case.actor))} → "
            f"{escape(treaty)}: {_step(case)}{who}{effect}[/]"
        )
        if signal is not None:
            self.say(f"      [italic]“{escape(signal.sentence)}”[/] — {escape(signal.outlet)}")

    def cases(self, cases: Iterable[Case]) -> None:
        """Print the table of cases."""
        table = Table(title="Cases", title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
        wide = self.console.width >= WIDE
        for column in ("state", "treaty", "step", "since", "takes effect", "sources", *(("flags",) if wide else ())):
            table.add_column(column, no_wrap=column != "treaty")
        for case in sorted(cases, key=lambda c: (c.treaty or "~", c.actor)):
            flags = ", ".join(flag.replace("_", " ") for flag in case.flags if flag is not Flag.ILLUSTRATIVE)
            table.add_row(
                escape(self.actors.name(case.actor)),
                escape(self.register.name(case.treaty, case.treaty_text)),
                f"[{_STYLE[case.severity]}]{case.stage}[/]",
                _day(case.since),
                _effect(case, wide),
                str(case.voices),
                *((flags,) if wide else ()),
            )
        self.console.print(table)

    def steps(self, case: Case) -> None:
        """Print the steps of one case, each with the surest sentence that says so."""
        for entry in case.history:
            who = f" by {entry.institution.replace('_', ' ')}" if entry.institution else ""
            seen = f"first seen {entry.first_seen:%Y-%m-%d %H:%M}" if entry.first_seen else "never dated"
            self.say(
                f"[{_STYLE[entry.severity]}]{_day(entry.event_date) or '    –     '}  {entry.stage}{who}[/], "
                f"{seen}, {entry.voices} {'source' if entry.voices == 1 else 'sources'}"
            )
            best = max(entry.evidence, key=lambda signal: signal.confidence, default=None)
            if best is not None:
                self.say(f"      [italic]“{escape(best.sentence or best.title)}”[/] — {escape(best.outlet)}")

    def accounts(self, accounts: Mapping[str, Account], stored: Mapping[str, int]) -> None:
        """Print the closing account: what each stage received and what became of it, and what the store holds."""
        table = Table(
            title="Account: received = passed + unchanged + rejected + dead",
            title_justify="left",
            box=SIMPLE_HEAD,
            padding=(0, 1, 0, 0),
        )
        for column in ("stage", "received", "passed", "unchanged", "rejected", "dead", "again"):
            table.add_column(column, justify="left" if column == "stage" else "right")
        for stage, account in accounts.items():
            table.add_row(
                stage, f"{account.received:,}", *(f"{account.total(o):,}" for o in Outcome), f"{account.redelivered:,}"
            )
        self.console.print(table)
        for stage, account in accounts.items():
            for outcome in (Outcome.REJECTED, Outcome.DEAD):
                for reason, count in account.reasons(outcome).items():
                    self.say(f"  {stage}: {outcome} {count:,} {reason}")
        self.say("  store: " + ", ".join(f"{count:,} {what}" for what, count in stored.items()))


def proof(case: Case) -> Signal | None:
    """Return the signal that the record's transition rests on, else the best of its entry."""
    change = case.changed
    kept = [signal for entry in case.history for signal in entry.evidence]
    if change is None:
        return None
    for signal in kept:
        if signal.id == change.because:
            return signal
    return next((signal for signal in kept if signal.stage is change.stage), None)


def _step(case: Case) -> str:
    change = case.changed
    assert change is not None
    words = {
        ChangeKind.ENTRY: change.stage.value,
        ChangeKind.STANDS: f"now stands at {change.to}",
        ChangeKind.SEVERITY: f"{change.stage}, now from {case.voices} independent sources",
        ChangeKind.DUE: "the computed date of effect has passed",
        ChangeKind.UNCONFIRMED: f"{change.stage}, still without the depositary's word",
        ChangeKind.WITHDRAWN: f"{change.stage}: the report was withdrawn",
    }
    return words[change.kind]


def _effect(case: Case, wide: bool) -> str:
    if case.effective_date is None:
        return ""
    return f"{case.effective_date.value}{f' {case.effective_date.basis}' if wide else ''}"


def _day(value: date | None) -> str:
    return "" if value is None else value.isoformat()
