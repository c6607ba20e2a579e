"""Every golden sentence is read as the file says, and the minimal pairs part where they must."""

from __future__ import annotations

import pytest

from processors.detect.pipeline import Detector, load_detector
from tests.processors.detect.golden import Golden, matches, read_golden
from treatywatch.locate import config_dir
from treatywatch.model import Item

DETECTOR: Detector = load_detector(config_dir())


@pytest.mark.parametrize("row", read_golden(), ids=str)
def test_golden_sentence(row: Golden) -> None:
    """The signals are exactly those of the row; a row without any has a reason."""
    detection = DETECTOR.read(row.item)
    assert matches(detection.signals, row), (row.item.title, detection.signals, detection.reason)
    assert (detection.reason is None) == bool(detection.signals)


@pytest.mark.parametrize(
    ("is_one", "is_none"),
    [
        ("Romania withdraws from cluster munitions treaty", "Romania withdraws cluster munitions treaty bill"),
        ("Serbia suspends military accord with Kosovo", "Serbia suspended from sports accord body"),
        ("Uganda denounces Rome Statute", "Uganda denounces Rome Statute judges"),
        ("Hungary to leave Istanbul Convention", "Hungary to leave convention hall"),
        ("Peru quits ICC", "Peru quits ICC qualifying tournament"),
        (
            "Togo terminates military accord with France",
            "France terminates troop deployment under military accord with Togo",
        ),
        ("Canada notifies UN of exit from arms treaty", "Canada notifies UN of exit of troops from Haiti"),
        ("Sweden urges Denmark to leave mine ban treaty", "Sweden urges Denmark not to leave mine ban treaty"),
        ("Moldova withdraws from CIS pact", "Moldova withdraws objections to CIS pact"),
        ("Malta's exit from cluster munitions treaty takes effect", "Cluster munitions treaty takes effect for Malta"),
    ],
)
def test_minimal_pair(is_one: str, is_none: str) -> None:
    """One word makes the difference between a move to leave and nothing of the kind."""
    assert DETECTOR.read(Item(id="1", title=is_one)).signals, is_one
    assert not DETECTOR.read(Item(id="2", title=is_none)).signals, is_none


@pytest.mark.parametrize(
    ("text", "stage", "other", "other_stage"),
    [
        (
            "Warsaw rules out leaving INF Treaty",
            "rejected",
            "Warsaw does not rule out leaving INF Treaty",
            "considered",
        ),
        ("Tokyo suspends GSOMIA", "suspended", "Tokyo suspends termination of GSOMIA", "reversed"),
        ("Serbia votes to exit ICC", "approved", "Serbia votes down exit from ICC", "rejected"),
        ("Iran halts cooperation with IAEA", "suspended", "Iran shelves bill to quit NPT", "reversed"),
    ],
)
def test_pair_of_opposite_steps(text: str, stage: str, other: str, other_stage: str) -> None:
    """An operator turns the step round."""
    assert [s.stage for s in DETECTOR.read(Item(id="1", title=text)).signals] == [stage]
    assert [s.stage for s in DETECTOR.read(Item(id="2", title=other)).signals] == [other_stage]
