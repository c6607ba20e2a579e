"""A score counts what a label, an expected signal or a reader says, and nothing else."""

from __future__ import annotations

import msgspec
import pytest

from processors.detect.pipeline import load_detector
from processors.detect.scoring.judged import Judged, Judgement
from processors.detect.scoring.labels import half_of, read_text, text_key
from processors.detect.scoring.report import report
from processors.detect.scoring.score import Outcome, Score, evaluate
from treatywatch.item_lines import read_line
from treatywatch.locate import config_dir
from treatywatch.model import Item

DETECTOR = load_detector(config_dir())
LEAVES = "Estonia notifies the United Nations of its withdrawal from the Ottawa Convention"


def line(**fields: object) -> bytes:
    """One line of a file."""
    return msgspec.json.encode(fields)


def key(text: str) -> str:
    """The hash of a text without a summary."""
    return text_key(Item(id="1", title=text))


def test_labelled_rows_count_hits_false_alarms_and_misses() -> None:
    """Precision and recall over items; stage, actor and instrument over hits; the wrong rows by name."""
    rows = [
        line(text="Qatar quits OPEC", lifecycle_event=True, stage="effective", actors=["QA"], treaty_id="OPEC"),
        line(text="Peru quits OPEC", lifecycle_event=False, stage="none"),
        line(text="Nothing to see", lifecycle_event=True, stage="approved", actors=["FI"], treaty_id="APMBC"),
        line(text="Chad to quit OPEC", lifecycle_event=True, stage="approved", actors=["TD"], treaty_id="OPEC"),
        line(text="Rain", lifecycle_event=False, stage="none"),
        b"nonsense",
    ]
    score = evaluate(DETECTOR, rows)
    tally = score.all

    assert (tally.rows, score.unreadable) == (5, 1)
    assert (tally.events.hits, tally.events.false, tally.events.missed) == (2, 1, 1)
    assert (tally.events.precision, tally.events.recall) == (2 / 3, 2 / 3)
    assert (tally.stage.right, tally.actor.right, tally.treaty.right, tally.treaty.of) == (1, 2, 2, 2)
    assert tally.false_per_100k == 20_000
    assert sorted(fault.outcome for fault in score.faults) == ["false alarm", "missed", "wrong stage"]
    assert "Peru" in report(score, faults=1)


def test_gold_rows_count_whole_signals() -> None:
    """A signal beside the expected one is false; an optional one is neither required nor false."""
    wanted = [{"actor": "EE", "treaty": "APMBC", "action": "withdraw", "stage": "notified"}]
    open_row = [{"actor": "QA", "treaty": "OPEC", "action": "withdraw", "stage": "effective", "optional": True}]
    rows = [
        line(title=LEAVES, family="wire", gold=wanted),
        line(title="Qatar quits OPEC", family="open", gold=open_row),
        line(title="Peru quits OPEC", family="wire", gold=[]),
    ]
    score = evaluate(DETECTOR, rows)

    assert (score.all.full.hits, score.all.full.false, score.all.full.missed) == (1, 1, 0)
    assert (score.groups["family"]["wire"].events.hits, score.groups["family"]["wire"].events.false) == (1, 1)
    assert score.outcomes[key("Qatar quits OPEC")] is Outcome.OPEN


def test_signal_that_nobody_has_judged_counts_in_the_upper_bound_only() -> None:
    """Known as false after a reader said so, as true after a reader said so."""
    rows = [line(text=LEAVES), line(text="Rain in Riga")]

    def rates(judged: Judged) -> tuple[float, float, int]:
        tally = evaluate(DETECTOR, rows, judged).all
        return tally.false_per_100k, tally.upper_per_100k, tally.events.hits

    assert rates(Judged()) == (0, 50_000, 0)
    assert rates(Judged([Judgement(text=key(LEAVES), event=False)])) == (50_000, 50_000, 0)
    true = Judgement(text=key(LEAVES), event=True, case="EE:APMBC", stage="notified")
    assert rates(Judged([true])) == (0, 0, 1)


def test_judged_part_that_is_wrong_is_no_false_alarm() -> None:
    """A true exit under a wrong stage counts as a hit, and its stage as wrong."""
    judged = Judged([Judgement(text=key(LEAVES), event=True, case="EE:APMBC", stage="notified", stage_ok=False)])
    tally = evaluate(DETECTOR, [line(text=LEAVES)], judged).all

    assert (tally.events.hits, tally.events.false, tally.stage.right, tally.stage.of) == (1, 0, 0, 1)


def test_exit_that_a_reader_found_and_the_detector_passed_over_is_a_miss() -> None:
    """Also in news without labels."""
    text = "Rain in Riga"
    score = evaluate(DETECTOR, [line(text=text)], Judged([Judgement(text=key(text), event=True)]))

    assert score.all.events.missed == 1
    assert score.outcomes == {}  # it gave no signal, so it is not compared
    assert score.faults[0].outcome is Outcome.MISSED


def test_halves_follow_from_the_text_alone() -> None:
    """The same text lies in the same half in whatever file it stands."""
    other = read_text(line(text=LEAVES, lifecycle_event=True, stage="notified"))
    plain = read_line(line(title=LEAVES, id="9", published="2025-06-27"))

    assert other is not None
    assert isinstance(plain, Item)
    assert other.key == text_key(plain)
    assert {half_of(f"{digit:x}000") for digit in range(8)} == {"dev"}
    assert {half_of(f"{digit:x}000") for digit in range(8, 16)} == {"held"}


@pytest.mark.parametrize("rows", [[], [b"", b"  "]])
def test_evaluation_of_nothing_is_zero(rows: list[bytes]) -> None:
    """An empty file divides by nothing."""
    score = evaluate(DETECTOR, rows)

    assert report(score).startswith("0 rows")
    assert score == Score()
