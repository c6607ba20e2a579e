"""Figures on files that stay where they are, and the page that tells them."""

from __future__ import annotations

import json

from processors.detect.pipeline import load_detector
from processors.detect.scoring.judged import Judged
from processors.detect.scoring.measure import Figures, figures, unjudged
from processors.detect.scoring.page import Provenance, page
from treatywatch.locate import config_dir

DETECTOR = load_detector(config_dir())
TRUE = "Estonia notifies the United Nations of its withdrawal from the Ottawa Convention"
FALSE = "Estonia withdraws troops from the exercise"
MADE = Provenance("2026-01-01", "abc1234", "1")


def rows(*texts: str, **labels: object) -> list[bytes]:
    """Rows of a file."""
    return [json.dumps({"text": text} | labels).encode() for text in texts]


def measured(name: str, lines: list[bytes], judged: Judged | None = None) -> Figures:
    """The figures of a file in one language."""
    (found,) = figures(DETECTOR, name, lines, judged or Judged())
    return found


def test_hits_of_news_without_labels_are_unjudged_until_somebody_has_read_them() -> None:
    """One of four; the blank judgement, filled in, makes it known."""
    lines = rows(TRUE, FALSE, FALSE, FALSE)
    found = measured("news.jsonl", lines)
    (blank,) = unjudged(DETECTOR, lines, Judged())

    assert (found.tally.rows, found.hits, found.labelled) == (4, 1, False)
    assert (found.tally.false_per_100k, found.tally.upper_per_100k) == (0, 25_000)
    assert blank.text == TRUE
    known = Judged([blank.judgement])
    assert measured("news.jsonl", lines, known).tally.upper_per_100k == 0
    assert not list(unjudged(DETECTOR, lines, known))


def test_languages_without_a_lexicon_are_left_out() -> None:
    """They would only thin the rate."""
    found = figures(DETECTOR, "many.jsonl", [*rows(TRUE), *rows("Los diputados votan", lang="xx")], Judged())

    assert [(one.language, one.tally.rows) for one in found] == [("en", 1)]


def test_page_has_every_table() -> None:
    """Labels, stages, halves, news with its bound, confidence; the commit is named plainly."""
    label = {"lifecycle_event": True, "stage": "notified", "actors": ["EE"], "treaty_id": "APMBC"}
    text = page([measured("labels.jsonl", rows(TRUE, **label)), measured("news.jsonl", rows(TRUE, FALSE))], MADE)

    assert "commit abc1234, detector 1," in text
    assert "| 1 | 1.000 (0.207–1.000) | 1.000 (0.207–1.000) | 1.000 | 1/1 | 1/1 | 1/1 |" in text
    assert "| `labels.jsonl` | notified | 1 | 1 | 0 | 0 | 1/1 |" in text
    assert "| en | 2 | 0 | 0 | 0 | 1 | 0.0 |" in text
    assert "## Confidence on `labels.jsonl`" in text
    assert "## Both halves" in text


def test_another_content_has_another_hash() -> None:
    """The page says what it was measured on."""
    assert measured("a", rows(TRUE)).sha256 != measured("a", rows(FALSE)).sha256
