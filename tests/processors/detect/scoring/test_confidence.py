"""Confidence is a share that was counted: intervals, bands, and the fit that makes them agree."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from processors.detect.confidence import Confidence, Doubt, Weight, how_sure, load_confidence
from processors.detect.scoring.calibrate import Judged, as_yaml, calibrate
from processors.detect.scoring.reliability import bands
from processors.detect.scoring.wilson import wilson
from processors.track.policy import load_rules
from processors.track.severity import held_back
from treatywatch.errors import ConfigError
from treatywatch.locate import config_dir

SHIPPED = load_confidence(config_dir())


def plain() -> Confidence:
    """Doubts at their priors, no table."""
    weights = {doubt: Weight(factor=0.8, prior=0.8, says="it is doubted") for doubt in Doubt}
    return Confidence(start=0.97, doubts=weights)


def verdicts(right: int, wrong: int, *doubts: Doubt) -> list[Judged]:
    """So many signals with these doubts."""
    return [Judged(frozenset(doubts), True)] * right + [Judged(frozenset(doubts), False)] * wrong


@pytest.mark.parametrize(
    ("right", "of", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (9, 10, 0.5958, 0.9821), (1, 1, 0.2065, 1.0), (0, 0, 0.0, 1.0)],
)
def test_wilson_interval_is_the_published_one(right: int, of: int, low: float, high: float) -> None:
    """Values of the formula, calculated by hand."""
    assert wilson(right, of) == pytest.approx((low, high), abs=5e-4)


def test_bands_count_each_signal_once() -> None:
    """The borders belong to the band above; 1 belongs to the last."""
    found = bands([(0.3, False), (0.5, True), (0.59, True), (0.9, True), (1.0, True), (0.95, False)])

    assert [(band.right, band.of) for band in found] == [(0, 1), (2, 2), (0, 0), (0, 0), (0, 0), (2, 3)]


def test_doubt_that_is_always_right_weighs_less_than_before_and_one_that_is_wrong_more() -> None:
    """Both move from the prior, neither all the way: few signals are few signals."""
    judged = verdicts(60, 2) + verdicts(20, 0, Doubt.FAR) + verdicts(2, 18, Doubt.CONDEMNS)
    fitted = calibrate(plain(), judged, {})

    assert 0.8 < fitted.doubts[Doubt.FAR].factor < 1
    assert 0.1 < fitted.doubts[Doubt.CONDEMNS].factor < 0.8
    assert fitted.doubts[Doubt.REPORTED].factor == pytest.approx(0.8)
    assert (fitted.doubts[Doubt.FAR].right, fitted.doubts[Doubt.FAR].of) == (20, 20)


def test_what_is_told_as_sure_is_right_as_often() -> None:
    """Sure readings of which a third is wrong are not told as sure."""
    careless = calibrate(plain(), verdicts(60, 30), {})
    careful = calibrate(plain(), verdicts(90, 0), {})

    assert how_sure(careless, ()).value < 0.75
    assert how_sure(careful, ()).value >= 0.95


some_doubts = st.frozensets(st.sampled_from(Doubt), max_size=3)


@given(st.lists(st.builds(Judged, some_doubts, st.booleans()), min_size=1, max_size=80))
def test_table_rises_whatever_was_judged(judged: Sequence[Judged]) -> None:
    """More doubt is never told as more sure; what is told is a share."""
    fitted = calibrate(plain(), judged, {})
    told = [fitted.told(step / 50) for step in range(51)]

    assert told == sorted(told)
    assert all(0 <= share <= 0.97 for share in told)


def test_fitted_file_reads_back_as_it_was_written(tmp_path: Path) -> None:
    """With the comment above it."""
    fitted = calibrate(plain(), verdicts(30, 3) + verdicts(9, 4, Doubt.VOICE), {"signals": 46})
    (tmp_path / "confidence.yml").write_text(as_yaml(fitted, "# how sure"))

    assert load_confidence(tmp_path) == fitted
    assert (tmp_path / "confidence.yml").read_text().startswith("# how sure\n")


def test_falling_table_is_a_fault(tmp_path: Path) -> None:
    """Named with its file."""
    knots = [{"raw": 0.5, "confidence": 0.6}, {"raw": 0.9, "confidence": 0.5}]
    data = plain().model_dump(mode="json") | {"table": knots}
    (tmp_path / "confidence.yml").write_text(yaml.safe_dump(data))

    with pytest.raises(ConfigError, match=r"confidence\.yml.*the table must rise"):
        load_confidence(tmp_path)


def test_shipped_confidence_says_what_it_was_fitted_on() -> None:
    """Date, files and counts; every doubt has a sentence; a plain reading is told with 0.9 or more."""
    assert {"date", "commit", "files", "signals", "right"} <= SHIPPED.fitted.keys()
    assert all(weight.says for weight in SHIPPED.doubts.values())
    assert how_sure(SHIPPED, ()).value >= 0.9


@pytest.mark.parametrize(
    ("held", "doubts"),
    [
        (True, (Doubt.DESCRIBED_ONLY,)),  # "the agreement", whichever that is
        (True, (Doubt.TAKEN, Doubt.CONDEMNS, Doubt.CARRIED)),
        (False, (Doubt.DESCRIBED_PARTNER, Doubt.WEAK, Doubt.PRESS_TENSE)),  # "scraps its fishing deal with Norway"
        (False, (Doubt.CONDITIONAL,)),
        (False, (Doubt.CARRIED,)),
        (False, (Doubt.PRESS_TENSE,)),
    ],
)
def test_policy_holds_back_what_is_as_often_wrong_as_right(held: bool, doubts: tuple[Doubt, ...]) -> None:
    """The threshold of alerts.yml is on the calibrated scale: a fit that moves a plain report below it fails here."""
    policy = load_rules(config_dir()).policy

    assert held_back(1, how_sure(SHIPPED, doubts).value, policy) is held
