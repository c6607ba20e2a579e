"""Turn documents of Elasticsearch back into what they were written from: the inverse of documents.py. Pure."""

from __future__ import annotations

from typing import Any

import msgspec

from treatywatch.model import Case, Signal


def signal_of(document: dict[str, Any]) -> Signal:
    """Read a signal back; `signal_of(signal_document(s)) == s`."""
    subject: dict[str, Any] = document["treaty"]
    return msgspec.convert(
        document["signal"]
        | {
            "case_id": document["case"]["id"],
            "actor": document["actor"]["code"],
            "treaty": subject.get("id"),
            "treaty_text": subject.get("text", ""),
            "rules": document.get("rule", {}).get("name", ()),
            "url": document.get("url", {}).get("full"),
        },
        Signal,
        strict=True,
    )


def case_of(document: dict[str, Any]) -> Case:
    """Read a case back, without the evidence of its steps: a document has only what people search for."""
    case, subject = document["case"], document["treaty"]
    history = [entry | {"evidence": ()} for entry in case.get("history", ())]
    return msgspec.convert(
        case
        | {
            "actor": document["actor"]["code"],
            "treaty": subject.get("id"),
            "treaty_text": subject.get("text", ""),
            "since": case.get("since"),
            "history": [{"institution": None, "event_date": None, "first_seen": None} | entry for entry in history],
            "changed": None,
            "transitions": [
                {"from": None, "because": None, "institution": None} | t for t in case.get("transitions", ())
            ],
        },
        Case,
        strict=True,
    )
