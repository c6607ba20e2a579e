"""What is left unread for speed would have told nothing: signals are equal with and without the shortcuts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.detect.pipeline import Detection, load_detector
from processors.detect.prefilter import Prefilter
from tests.processors.detect.golden import read_golden
from tests.processors.detect.test_pipeline import PIECES
from treatywatch.locate import config_dir
from treatywatch.model import Item

DETECTOR = load_detector(config_dir())
GOLDEN = [row.item for row in read_golden()]


def slowly(item: Item, *, every_item: bool) -> Detection:
    """Read with every sentence read, and where `every_item`, with no item thrown out."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Prefilter, "places", lambda _, title, summary: ([*range(len(title) + len(summary) + 1)],) * 2)
        if every_item:
            patch.setattr(Prefilter, "passes", lambda *_: True)
        return DETECTOR.read(item)


@pytest.mark.parametrize("item", GOLDEN, ids=lambda item: item.id)
def test_golden_sentence_needs_no_slow_reading(item: Item) -> None:
    """The prefilter stops no signal, and a sentence that is left unread changes neither signal nor reason."""
    read = DETECTOR.read(item)
    assert read.signals == slowly(item, every_item=True).signals
    assert read.reason == slowly(item, every_item=False).reason


PARTS = [*PIECES, *["éxit", "abeyance", "void", "Declares", "out", "pulls", "WHO", "who", "unsigns", "it,", ";"]]


@given(st.lists(st.sampled_from(PARTS), max_size=30).map(" ".join), st.lists(st.sampled_from(PARTS), max_size=60))
def test_any_text_needs_no_slow_reading(title: str, summary: list[str]) -> None:
    """The same signals for texts that nobody would write; the reason may be that of a sentence that was read."""
    item = Item(id="1", title=title, summary=" ".join(summary))
    assert DETECTOR.read(item).signals == slowly(item, every_item=False).signals


@pytest.mark.parametrize(
    ("passes", "stops"),
    [
        ("Togo pulls its envoys out of the treaty talks", "Togo pulls its weight in the treaty talks"),
        ("Chad declares the accord void", "Chad declares the accord fair"),
        ("Peru leaves WHO", "Peru leaves those who stay"),
        ("peru leaves who", "Peru arrives late who"),
        ("Chad unsigns the treaty", "Chad signs the treaty"),
        ("Chad un-signs the treaty", "Chad, un and signs the treaty"),
        ("Oman holds the pact in abeyance", "Oman holds the pact in esteem"),
    ],
)
def test_prefilter_asks_for_the_second_word(passes: str, stops: str) -> None:
    """A word that is an act only together with another does not pass alone, and a name in capitals only in capitals."""
    prefilter = DETECTOR._languages["en"].prefilter
    assert prefilter.passes(passes, "")
    assert not prefilter.passes(stops, "")
    assert prefilter.passes("Quiet day", f"{passes}.")
