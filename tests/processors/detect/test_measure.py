"""Figures on a corpus: a labelled file is scored, any other is a haystack whose hits are counted."""

from __future__ import annotations

import json

from processors.detect.measure import figures, page
from processors.detect.pipeline import load_detector
from treatywatch.locate import config_dir

TRUE = "Estonia notifies the United Nations of its withdrawal from the Ottawa Convention"
FALSE = "Estonia withdraws troops from the exercise"


def rows(*texts: str, **labels: object) -> list[bytes]:
    """Rows of a file."""
    return [json.dumps({"text": text} | labels).encode() for text in texts]


def test_hits_of_a_haystack_are_counted_per_100k() -> None:
    """One of four."""
    found = figures(load_detector(config_dir()), "news.jsonl", rows(TRUE, FALSE, FALSE, FALSE))

    assert (found.rows, found.hits, found.score) == (4, 1, None)
    assert found.per_100k == 25_000.0


def test_a_labelled_file_is_scored_and_stands_in_its_own_table() -> None:
    """Precision and recall, with stage, actor and treaty of the hits."""
    label = {"lifecycle_event": True, "stage": "notified", "actors": ["EE"], "treaty_id": "APMBC"}
    found = figures(load_detector(config_dir()), "labels.jsonl", rows(TRUE, **label))

    assert found.score is not None
    assert (found.score.events.hits, found.score.stage_right) == (1, 1)
    text = page([found], "2026-01-01", "abc", "1")
    assert "| `labels.jsonl`" in text
    assert "| 1.000 | 1.000 | 1.000 | 1/1 | 1/1 | 1/1 |" in text


def test_another_content_has_another_hash() -> None:
    """The page says what it was measured on."""
    detector = load_detector(config_dir())

    assert figures(detector, "a", rows(TRUE)).sha256 != figures(detector, "a", rows(FALSE)).sha256
