"""Signals and cases for the tests of the sinks; all of them illustrative."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sinks.names import Names
from treatywatch.model import Action, Case, Entry, Evidence, Institution, Signal, Speaker, SpeakerKind, Stage
from treatywatch.register import Instrument, Register


class FewActors:
    """Three states by name."""

    def name(self, code: str) -> str:
        """Name a state, or repeat the code."""
        return {"PL": "Poland", "FI": "Finland", "LT": "Lithuania"}.get(code, code)


NAMES = Names(
    Register(
        (
            Instrument(
                id="APMBC",
                name="Ottawa Convention",
                official="Convention on the Prohibition of Anti-Personnel Mines",
                aliases=("Mine Ban Treaty",),
                kind="IHL/disarmament",
            ),
        )
    ),
    FewActors(),
)


def a_signal(number: int = 1, **changes: object) -> Signal:
    """Return a signal with everything filled in; `changes` replace fields."""
    title = f"Łódź Gazette {number}: Sejm votes to leave the Ottawa Convention"
    fields: dict[str, object] = {
        "id": f"signal-{number}",
        "case_id": "PL:APMBC",
        "actor": "PL",
        "treaty": "APMBC",
        "treaty_text": "Ottawa Convention",
        "action": Action.WITHDRAW,
        "stage": Stage.APPROVED,
        "confidence": 0.875,
        "item": f"item-{number}",
        "institution": Institution.LOWER_HOUSE,
        "speaker": Speaker(kind=SpeakerKind.INSTITUTION, text="the Sejm"),
        "event_date": date(2025, 6, 25),
        "sentence": title,
        "evidence": (Evidence(field="title", start=16, end=20, text="Sejm", part="institution"),),
        "rules": ("act.vote",),
        "detector_version": "1",
        "register_version": "r1",
        "url": f"https://outlet-{number}.example/news/{number}",
        "title": title,
        "outlet": f"Illustrative Outlet {number}",
        "owner": f"Illustrative Group {number % 4}",
        "kind": "press",
        "published": datetime(2025, 6, 25, 12, number % 60, tzinfo=UTC),
        "fetched": datetime(2025, 6, 25, 13, number % 60, 1, 500_000, tzinfo=UTC),
        "illustrative": True,
    }
    return Signal(**(fields | changes))  # type: ignore[arg-type]  # fields by name, checked by the tests that use them


def a_case(revision: int = 1, **changes: object) -> Case:
    """Return a case with one step in its history; `changes` replace fields."""
    signal = a_signal()
    fields: dict[str, object] = {
        "id": "PL:APMBC",
        "actor": "PL",
        "treaty": "APMBC",
        "treaty_text": "Ottawa Convention",
        "stage": Stage.APPROVED,
        "action": Action.WITHDRAW,
        "since": date(2025, 6, 25),
        "history": (
            Entry(
                episode="2025-06",
                stage=Stage.APPROVED,
                action=Action.WITHDRAW,
                institution=Institution.LOWER_HOUSE,
                event_date=date(2025, 6, 25),
                first_seen=datetime(2025, 6, 25, 13, 1, 1, tzinfo=UTC),
                owners=(signal.owner,),
                voices=1,
                outlets=(signal.outlet,),
                confidence=0.875,
                evidence=(signal,),
            ),
        ),
        "revision": revision,
    }
    return Case(**(fields | changes))  # type: ignore[arg-type]  # fields by name, checked by the tests that use them
