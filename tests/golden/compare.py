"""Cases and transitions in the form of the golden files, for every test that plays the demo."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from treatywatch.model import Case, Transition

HERE = Path(__file__).parent

Lines = list[dict[str, Any]]


def golden(name: str) -> Lines:
    """Read a golden file."""
    return [json.loads(line) for line in (HERE / name).read_text(encoding="utf-8").splitlines()]


def case_lines(cases: Iterable[Case]) -> Lines:
    """Return what the golden file says of each case, by id."""
    return [
        {
            "id": case.id,
            "stage": case.stage.value,
            "history": [
                [
                    entry.stage.value,
                    entry.action.value,
                    entry.institution and entry.institution.value,
                    entry.event_date and entry.event_date.isoformat(),
                ]
                for entry in case.history
            ],
            "effective_date": case.effective_date
            and {"value": case.effective_date.value.isoformat(), "basis": case.effective_date.basis.value},
            "flags": [flag.value for flag in case.flags],
            "severity": case.severity.value,
        }
        for case in sorted(cases, key=lambda case: case.id)
    ]


def transition_lines(transitions: Iterable[tuple[str, Transition]]) -> Lines:
    """Return what the golden file says of each transition of a case."""
    return [
        {
            "case": case,
            "kind": transition.kind.value,
            "stage": transition.stage.value,
            "action": transition.action.value,
            "institution": transition.institution and transition.institution.value,
            "severity": transition.severity.value,
            "alertable": transition.alertable_at is not None,
        }
        for case, transition in transitions
    ]


def unordered(lines: Lines) -> list[str]:
    """Return lines in a form that compares whatever their order."""
    return sorted(json.dumps(line, sort_keys=True) for line in lines)
