"""Which cases a reader wants to see: query parameters as a typed filter. Works without a script: a plain GET form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from urllib.parse import urlencode

from sinks import words
from sinks.names import Names
from treatywatch.model import Case, Severity, Stage

OTHER = "-"  # the treaty filter's value for every instrument outside the register


@dataclass(frozen=True, slots=True)
class Filter:
    """Empty fields let everything through; `severity` is the least severe that passes."""

    treaty: str = ""
    actor: str = ""
    kind: str = ""
    stage: str = ""
    severity: str = ""

    @property
    def active(self) -> bool:
        """Whether anything is filtered."""
        return any(getattr(self, field.name) for field in fields(self))

    def matches(self, case: Case, names: Names) -> bool:
        """Say whether a case passes."""
        return (
            (not self.treaty or self.treaty == (case.treaty or OTHER))
            and (not self.actor or self.actor == case.actor)
            and (not self.kind or self.kind == words.kind(names, case))
            and (not self.stage or self.stage == case.stage)
            and (not self.severity or case.severity.rank >= Severity(self.severity).rank)
        )

    def query(self, **more: str | int) -> str:
        """Write the filter as a query string, with its question mark; empty where there is nothing to say."""
        values = {field.name: getattr(self, field.name) for field in fields(self)} | more
        text = urlencode({key: value for key, value in values.items() if value}, errors="replace")
        return f"?{text}" if text else ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a filter, with how many cases have it."""

    value: str
    label: str
    cases: int


def read_filter(query: Mapping[str, str]) -> Filter:
    """Read a filter from query parameters. What no case can have (a step that does not exist) filters nothing."""
    stage, severity = query.get("stage", ""), query.get("severity", "")
    return Filter(
        treaty=query.get("treaty", "")[:80],
        actor=query.get("actor", "")[:8],
        kind=query.get("kind", "")[:80],
        stage=stage if stage in set(Stage) else "",
        severity=severity if severity in {Severity.NOTICE, Severity.URGENT} else "",
    )


def choices(cases: Iterable[Case], names: Names) -> dict[str, list[Choice]]:
    """List what each filter offers, from the cases there are: treaties, states and kinds by name, steps in order."""
    count: dict[str, Counter[tuple[str, str]]] = {name: Counter() for name in ("treaty", "actor", "kind", "stage")}
    for case in cases:
        instrument = names.register.get(case.treaty)
        treaty = instrument.name if instrument else case.treaty or "Outside the register"
        count["treaty"][case.treaty or OTHER, treaty] += 1
        count["actor"][case.actor, names.actor(case.actor)] += 1
        kind = words.kind(names, case)
        count["kind"][kind, kind] += 1
        count["stage"][str(case.stage), str(case.stage)] += 1
    order = [str(stage) for stage in Stage]
    return {
        name: [
            Choice(value, label, number)
            for (value, label), number in sorted(
                counter.items(),
                key=lambda pair: (order.index(pair[0][0]), "") if name == "stage" else (0, pair[0][1].casefold()),
            )
        ]
        for name, counter in count.items()
    }
