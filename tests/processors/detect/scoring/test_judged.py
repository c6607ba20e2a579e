"""Judgements are kept by hash, read with their faults named, and cover what the detector says of the public files."""

from __future__ import annotations

from pathlib import Path

import pytest

from processors.detect.scoring.judged import Judged, Judgement, load_judged
from treatywatch.errors import TreatywatchError
from treatywatch.model import Action, Signal, Stage

FILE = Path(__file__).parents[1] / "judged.jsonl"


def signal(case: str = "EE:APMBC", stage: Stage = Stage.NOTIFIED) -> Signal:
    """A signal."""
    actor, _, treaty = case.partition(":")
    return Signal(
        id="1", case_id=case, actor=actor, treaty=treaty, treaty_text=treaty, action=Action.WITHDRAW, stage=stage,
        confidence=0.9, item="1",
    )  # fmt: skip


def test_judgement_is_about_one_signal_of_one_text() -> None:
    """Another stage, another case or another text is another question."""
    judged = Judged([Judgement(text="a", event=True, case="EE:APMBC", stage="notified", stage_ok=False)])

    found = judged.of("a", signal())
    assert found is not None
    assert not found.right
    assert judged.of("a", signal(stage=Stage.EFFECTIVE)) is None
    assert judged.of("a", signal("LV:APMBC")) is None
    assert judged.of("b", signal()) is None


def test_text_in_which_nothing_happens_makes_every_signal_false() -> None:
    """So that a new false alarm on a text that was read needs no new reading."""
    found = Judged([Judgement(text="a", event=False)]).of("a", signal())

    assert found is not None
    assert not found.event


def test_fault_names_file_and_line(tmp_path: Path) -> None:
    """A judgement without its verdict is none."""
    path = tmp_path / "judged.jsonl"
    path.write_text('{"text": "a", "event": true}\n\n{"text": "b"}\n')

    with pytest.raises(TreatywatchError, match=r"judged\.jsonl:3: no judgement: .*event"):
        load_judged(path)
    with pytest.raises(TreatywatchError, match=r"none\.jsonl: the judgements cannot be read"):
        load_judged(tmp_path / "none.jsonl")


def test_committed_judgements_hold_hashes_only() -> None:
    """No word of a publisher's text is in the repository; no signal is judged twice."""
    lines = FILE.read_text(encoding="utf-8").splitlines()
    load_judged(FILE)

    assert len(lines) > 400
    assert len(set(lines)) == len(lines)
    assert not [line for line in lines if len(line) > 160]
