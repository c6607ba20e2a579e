"""Signals and cases as Elasticsearch documents: which fields, which index, which version.

Pure. Fields of the Elastic Common Schema where it has them; our own under `actor`, `treaty`, `signal` and `case`. The
mappings are strict and stand in `config/elasticsearch/`: a field that is new here must be added there. Fields without
a value are left out.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec

from sinks.names import Names
from sinks.searchable import case_text, signal_text
from treatywatch.model import Case, Entry, Signal

ECS_VERSION = "9.3.0"
SIGNALS = "treatywatch-signals"  # alias of the indices of months and years
CASES = "treatywatch-cases"  # alias of the case index
MAX_GENERATION = 1_000_000

Document = dict[str, Any]


def signal_index(signal: Signal) -> str:
    """Name the index of a signal: of the month in which it was fetched, else of the year in which it was published.

    What nobody fetched comes from a file of the past. By months, twenty years of it would fill a quarter of the shards
    that one node may hold (1,000).
    """
    if signal.fetched:
        return f"{SIGNALS}-{signal.fetched:%Y.%m}"
    return f"{SIGNALS}-{signal.published:%Y}" if signal.published else f"{SIGNALS}-undated"


def signal_version(signal: Signal) -> int:
    """Order the versions of a signal: the higher (revision, generation) wins."""
    return signal.revision * MAX_GENERATION + min(signal.generation, MAX_GENERATION - 1)


def signal_document(signal: Signal, names: Names) -> Document:
    """Write a signal as a document."""
    document: Document = _without_nothing(
        {
            "@timestamp": signal.published or signal.fetched,
            "ecs": {"version": ECS_VERSION},
            "message": signal.sentence or signal.title,
            "event": {
                "id": signal.id,
                "kind": "event",
                "module": "treatywatch",
                "dataset": "treatywatch.signals",
                "action": signal.action,
                "created": signal.fetched,
            },
            "url": _url(signal.url),
            "rule": {"name": signal.rules, "version": signal.detector_version},
            **_subject(signal, names),
            "case": {"id": signal.case_id},
            "signal": {
                "id": signal.id,
                "item": signal.item,
                "revision": signal.revision,
                "generation": signal.generation,
                "action": signal.action,
                "stage": signal.stage,
                "institution": signal.institution,
                "confidence": signal.confidence,
                "hedge": signal.hedge,
                "speaker": signal.speaker,
                "event_date": signal.event_date,
                "effective_date": signal.effective_date,
                "positions": signal.positions,
                "sentence": signal.sentence,
                "evidence": signal.evidence,
                "title": signal.title,
                "outlet": signal.outlet,
                "owner": signal.owner,
                "kind": signal.kind,
                "language": signal.language,
                "published": signal.published,
                "fetched": signal.fetched,
                "backfill": signal.backfill,
                "illustrative": signal.illustrative,
                "withdrawn": signal.withdrawn,
                "detector_version": signal.detector_version,
                "register_version": signal.register_version,
            },
            "search": signal_text(signal, names),
        }
    )
    return document


def case_document(case: Case, names: Names) -> Document:
    """Write a case as a document: its history with the kept evidence, and flat lists to count by."""
    document: Document = _without_nothing(
        {
            "@timestamp": case.since or _first_seen(case),
            "ecs": {"version": ECS_VERSION},
            "message": f"{names.actor(case.actor)}, {names.treaty(case.treaty, case.treaty_text)}: {case.stage}",
            "event": {
                "id": case.id,
                "kind": "state",
                "module": "treatywatch",
                "dataset": "treatywatch.cases",
                "action": case.action,
                "created": _first_seen(case),
                "severity": case.severity.rank,
            },
            **_subject(case, names),
            "case": {
                "id": case.id,
                "revision": case.revision,
                "stage": case.stage,
                "action": case.action,
                "since": case.since,
                "flags": case.flags,
                "severity": case.severity,
                "confidence": case.confidence,
                "reasons": case.reasons,
                "effective_date": case.effective_date,
                "superseded_by": case.superseded_by,
                "positions": case.positions,
                "stages": sorted({entry.stage for entry in case.history}),
                "institutions": sorted({entry.institution for entry in case.history if entry.institution}),
                "outlets": sorted({outlet for entry in case.history for outlet in entry.outlets}),
                "owners": sorted({owner for entry in case.history for owner in entry.owners}),
                "sources": case.voices,
                "withdrawn_signals": len(case.tombstones),
                "history": [_entry(entry) for entry in case.history],
                "changed": case.changed,
                "transitions": case.transitions,
            },
            "search": case_text(case, names),
        }
    )
    return document


def _subject(subject: Signal | Case, names: Names) -> Document:
    return {
        "actor": {"code": subject.actor, "name": names.actor(subject.actor)},
        "treaty": {
            "id": subject.treaty,
            "name": names.treaty(subject.treaty, subject.treaty_text),
            "text": subject.treaty_text,
            "kind": names.treaty_kind(subject.treaty),
        },
    }


def _entry(entry: Entry) -> Document:
    evidence = [
        {
            "signal": signal.id,
            "outlet": signal.outlet,
            "owner": signal.owner,
            "title": signal.title,
            "sentence": signal.sentence,
            "url": signal.url,
            "language": signal.language,
            "confidence": signal.confidence,
            "published": signal.published,
            "fetched": signal.fetched,
        }
        for signal in entry.evidence
    ]
    kept = {name: getattr(entry, name) for name in Entry.__struct_fields__ if name != "evidence"}
    return kept | {"evidence": evidence}


def _first_seen(case: Case) -> datetime | None:
    return min((entry.first_seen for entry in case.history if entry.first_seen), default=None)


def _url(url: str | None) -> Document:
    if not url:
        return {}
    try:
        domain = urlsplit(url).hostname
    except ValueError:
        domain = None
    return {"full": url, "domain": domain}


def _without_nothing(value: Any) -> Any:
    """Turn structs into plain data and leave out fields that hold none, nothing or an empty text."""
    if isinstance(value, msgspec.Struct):
        value = {field.encode_name: getattr(value, field.name) for field in msgspec.structs.fields(value)}
    if isinstance(value, dict):
        cleaned = ((key, _without_nothing(part)) for key, part in value.items())
        return {key: part for key, part in cleaned if part is not None and part not in ("", [], {})}
    if isinstance(value, list | tuple):
        return [_without_nothing(part) for part in value]
    return value
