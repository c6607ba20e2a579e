"""Documents of Elasticsearch read back into what they were written from."""

from __future__ import annotations

import json

import msgspec

from processors.track.as_of import record_at
from processors.track.fold import fold
from sinks.documents import case_document, signal_document
from sinks.names import Names
from sinks.read_back import case_of, signal_of
from tests.processors.track.made import LATE, RULES, say
from treatywatch.actors import load_actors
from treatywatch.locate import config_dir
from treatywatch.model import Evidence, Institution, Position, SpeakerKind, Stage, Stance

NAMES = Names(RULES.register, load_actors(config_dir()))
VOTE = say("2025-05-08", Stage.APPROVED, by=Institution.LOWER_HOUSE, on="2025-05-08", speaker=SpeakerKind.STATE)
BARE = say(None, Stage.CONSIDERED, case="RU:~fishing-gb")
RICH = msgspec.structs.replace(
    VOTE,
    id="rich",
    evidence=(Evidence(field="title", start=0, end=4, text="some", part="act"),),
    positions=(Position(state="AT", stance=Stance.OPPOSES),),
    rules=("a.b", "c"),
    url="https://news.example/1",
    revision=3,
    withdrawn=True,
)


def stored(document: object) -> dict[str, object]:
    """A document as it comes back from the server."""
    found: dict[str, object] = json.loads(msgspec.json.encode(document))
    return found


def test_a_signal_comes_back_as_it_was_written() -> None:
    """Full, bare, withdrawn."""
    for signal in (VOTE, BARE, RICH):
        assert signal_of(stored(signal_document(signal, NAMES))) == signal


def test_a_case_comes_back_without_the_evidence_of_its_steps() -> None:
    """And with all that the documents tell: stage, history, transitions."""
    for signals in ((VOTE, RICH), (BARE,)):
        case = fold(signals, LATE, RULES)
        assert case is not None
        bare = [msgspec.structs.replace(entry, evidence=()) for entry in case.history]

        back = case_of(stored(case_document(case, NAMES)))

        assert back == msgspec.structs.replace(case, history=tuple(bare), tombstones=())
        assert record_at(back, LATE, RULES) is None
