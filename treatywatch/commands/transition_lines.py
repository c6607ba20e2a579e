"""Read transition lines back, as `replay --json --transitions` has written them: what one set of rules would tell."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import msgspec

from processors.difference import Alert
from treatywatch.errors import TreatywatchError
from treatywatch.model import Action, ChangeKind, Institution, Severity, Stage


class _Changed(msgspec.Struct):
    id: str
    kind: ChangeKind
    stage: Stage
    institution: Institution | None
    severity: Severity
    at: datetime
    because: str | None
    action: Action
    episode: str


class _Evidence(msgspec.Struct):
    signal: str
    item: str


class _Entry(msgspec.Struct):
    evidence: list[_Evidence] = []


class _Line(msgspec.Struct):
    id: str
    changed: _Changed
    history: list[_Entry] = []


def read_alerts(path: Path) -> list[Alert]:
    """Return the alerts of a file of transition lines; raises TreatywatchError with the line that is none."""
    decoder = msgspec.json.Decoder(_Line)
    found: dict[str, Alert] = {}
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise TreatywatchError(f"{path}: cannot be read: {error.strerror or error}") from error
    for number, data in enumerate(lines, 1):
        try:
            line = decoder.decode(data)
        except msgspec.DecodeError as error:
            raise TreatywatchError(
                f"{path}:{number}: no transition line ({error}); write the file with replay --json --transitions"
            ) from error
        changed = line.changed
        if changed.severity is Severity.NONE:
            continue
        items = {e.signal: e.item for entry in line.history for e in entry.evidence}
        found[changed.id] = Alert(
            transition=changed.id,
            case=line.id,
            kind=changed.kind,
            stage=changed.stage,
            action=changed.action,
            institution=changed.institution,
            episode=changed.episode,
            severity=changed.severity,
            at=changed.at,
            item=items.get(changed.because or ""),
            told=True,
        )
    return list(found.values())
