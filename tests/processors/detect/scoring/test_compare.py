"""A base of figures catches what became worse, and names the texts."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from processors.detect.pipeline import load_detector
from processors.detect.scoring.compare import Base, compare, comparison_lines, read_base
from processors.detect.scoring.report import as_json
from processors.detect.scoring.score import Score, evaluate
from treatywatch.errors import TreatywatchError
from treatywatch.locate import config_dir

DETECTOR = load_detector(config_dir())
SLACK = 0.01  # a rule that wins elsewhere may lose a text here; the texts are named
BLIND = Path(__file__).parents[1] / "blind"


def rows(stage: str) -> list[bytes]:
    """Two texts, the first labelled with the stage."""
    label = {"lifecycle_event": True, "actors": ["QA"], "treaty_id": "OPEC"}
    first = {"text": "Qatar quits OPEC", "stage": stage, **label}
    return [msgspec.json.encode(first), b'{"text": "Rain", "lifecycle_event": false}']


def base(score: Score) -> Base:
    """The score as a base."""
    return msgspec.json.decode(json.dumps(as_json(score)), type=Base)


def test_same_answers_are_no_regression() -> None:
    """Nothing fell, nothing moved."""
    score = evaluate(DETECTOR, rows("effective"))
    found = compare(score, base(score))

    assert not found.regressed
    assert (found.worse, found.better, found.gone, found.added) == ((), (), 0, 0)


def test_lost_stage_is_a_regression_and_names_the_text() -> None:
    """The figure that fell, and in which row; the other way round it is a gain."""
    good, bad = evaluate(DETECTOR, rows("effective")), evaluate(DETECTOR, rows("approved"))
    lost, won = compare(bad, base(good)), compare(good, base(bad))

    assert lost.regressed
    assert [name for name, _, _ in lost.fell] == ["stage rate"]
    told = "\n".join(comparison_lines(lost))
    assert "right -> wrong stage: Qatar quits OPEC" in told
    assert "regressed" in told
    assert not won.regressed
    assert len(won.better) == 1
    assert not compare(bad, base(good), slack=1.0).regressed


def test_file_that_is_no_base_is_named(tmp_path: Path) -> None:
    """With what to do about it."""
    path = tmp_path / "base.json"
    path.write_text("{}")

    with pytest.raises(TreatywatchError, match=r"base\.json: no base to compare with, write one with eval --json"):
        read_base(path)


def test_blind_texts_are_read_at_least_as_well_as_by_the_committed_base() -> None:
    """The gate: after a gain, write the base anew with `make base`."""
    score = evaluate(DETECTOR, (BLIND / "headlines.jsonl").read_bytes().splitlines())
    found = compare(score, read_base(BLIND / "base.json"), SLACK)

    assert not found.regressed, "\n".join(comparison_lines(found))
    assert found.gone == found.added == 0
