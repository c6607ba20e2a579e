"""The case line and the transition line of `treatywatch replay --json`: a fixed contract (design 4.1)."""

from __future__ import annotations

from typing import Any

from treatywatch.model import Case, Entry, Signal


def case_line(case: Case) -> dict[str, Any]:
    """Write a case as one JSON object. Holds nothing that depends on the order in which its reports came."""
    effective = case.effective_date
    return {
        "id": case.id,
        "actor": case.actor,
        "treaty": case.treaty,
        "treaty_text": case.treaty_text,
        "stage": case.stage.value,
        "action": case.action.value,
        "since": case.since.isoformat() if case.since else None,
        "history": [_entry(entry) for entry in case.history],
        "effective_date": {
            "value": effective.value.isoformat(),
            "basis": effective.basis.value,
            "note": effective.note,
        }
        if effective
        else None,
        "flags": [flag.value for flag in case.flags],
        "severity": case.severity.value,
        "confidence": case.confidence,
        "reasons": list(case.reasons),
        "positions": [{"state": p.state, "stance": p.stance.value} for p in case.positions],
        "superseded_by": case.superseded_by,
    }


def transition_line(case: Case) -> dict[str, Any]:
    """Write a record that was written for a transition: its case line and what changed.

    Raises ValueError for a record that was written without one.
    """
    changed = case.changed
    if changed is None:
        raise ValueError(f"{case.id} revision {case.revision} was written without a transition")
    return case_line(case) | {
        "changed": {
            "id": changed.id,
            "from": changed.from_stage.value if changed.from_stage else None,
            "to": changed.to.value,
            "at": changed.at.isoformat().replace("+00:00", "Z"),
            "because": changed.because,
            "kind": changed.kind.value,
            "stage": changed.stage.value,
            "action": changed.action.value,
            "episode": changed.episode,
            "institution": changed.institution.value if changed.institution else None,
            "severity": changed.severity.value,
        }
    }


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "stage": entry.stage.value,
        "action": entry.action.value,
        "institution": entry.institution.value if entry.institution else None,
        "event_date": entry.event_date.isoformat() if entry.event_date else None,
        "first_seen": entry.first_seen.isoformat().replace("+00:00", "Z") if entry.first_seen else None,
        "episode": entry.episode,
        "owners": list(entry.owners),
        "voices": entry.voices,
        "outlets": list(entry.outlets),
        "confidence": entry.confidence,
        "severity": entry.severity.value,
        "evidence": [_evidence(signal) for signal in entry.evidence],
    }


def _evidence(signal: Signal) -> dict[str, Any]:
    return {
        "signal": signal.id,
        "item": signal.item,
        "outlet": signal.outlet,
        "url": signal.url,
        "sentence": signal.sentence or signal.title,
        "confidence": signal.confidence,
    }
