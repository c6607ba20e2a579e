"""German, the worked example of docs/languages.md: its golden sentences, the order of its words, its dates."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.detect.languages import Language, read_language
from processors.detect.pipeline import Detector, load_detector
from tests.processors.detect.golden import PUBLISHED, Golden, matches, read_golden
from treatywatch.actors import load_actors
from treatywatch.locate import config_dir
from treatywatch.model import Item
from treatywatch.register import load_register

DETECTOR: Detector = load_detector(config_dir())
GERMAN = Language(
    read_language(config_dir() / "lexicon" / "de.yml"), load_register(config_dir()), load_actors(config_dir())
)
FAMILIES = ("stages", "forms", "sense", "negation", "reversal", "historical", "traps")


def german(title: str, summary: str = "") -> Item:
    """Make a German item."""
    return Item(id="1", title=title, summary=summary, language="de", published=PUBLISHED)


def ordered(text: str) -> str:
    """Give a sentence as the steps read it."""
    return " ".join(token.norm for token in GERMAN.words(text, 0, len(text)))


ROWS = read_golden(Path(__file__).with_name("golden.txt"), "de")


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_german_sentence(row: Golden) -> None:
    """The signals are exactly those of the row; a row without any has a reason."""
    detection = DETECTOR.read(row.item)
    assert matches(detection.signals, row), (row.item.title, detection.signals, detection.reason)
    assert (detection.reason is None) == bool(detection.signals)


@pytest.mark.parametrize("family", FAMILIES)
def test_family_has_a_dozen_of_either_kind(family: str) -> None:
    """A rule is only as good as what it must tell apart."""
    rows = [row for row in ROWS if row.family == family]
    assert sum(bool(row.expected) for row in rows) >= 12
    assert sum(not row.expected for row in rows) >= 12


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Polen tritt aus dem Abkommen aus", "polen austritt aus dem abkommen"),
        ("Polen tritt in Ottawa an", "polen antritt in ottawa"),
        ("Polen will aus dem Abkommen austreten", "polen will austreten aus dem abkommen"),
        ("Polen hat das Abkommen gekündigt", "polen hat gekundigt das abkommen"),
        ("dass Polen aus dem Abkommen austritt", "dass polen austritt aus dem abkommen"),
        ("dass Polen den Pakt verlassen hat", "dass polen hat verlassenə den pakt"),
        ("dass Polen den Pakt verlassen wird", "dass polen wird verlassen den pakt"),
        ("Polen plant, das Abkommen zu kündigen", "polen plant zu kundigen das abkommen"),
        ("Polen beschließt, aus dem Pakt auszutreten", "polen beschliesst zu austreten aus dem pakt"),
        ("Polen verlässt den Pakt nicht", "polen nicht verlasst den pakt"),
        ("Im Mai verlässt Polen den Pakt", "polen verlasst den pakt in dem mai"),
        ("USA treten dem Pakt wieder bei", "usa wiederbeitritt dem pakt"),
        ("Austritt Polens", "austritt von polen"),
        ("Polens Austritt", "polen 's austritt"),
        ("Austritt der Türkei", "austritt von der turkei"),
        ("Fischereiabkommen", "fischerei abkommen"),
        ("Landminenverbot-Austritt", "landminenverbot austritt"),
        ("am 27.12.2025", "an dem 27 dezember 2025"),
        ("am 27. Dezember 2025", "an dem 27 dezember 2025"),
    ],
)
def test_words_are_brought_into_the_order_that_is_read(text: str, read: str) -> None:
    """Separated verbs, brackets, verbs at the end, compounds, genitives and dates."""
    assert ordered(text) == read


@given(st.text(max_size=300))
def test_any_text_can_be_ordered(text: str) -> None:
    """No text is too odd, and every word that is left lies inside it."""
    for token in GERMAN.words(text, 0, len(text)):
        assert 0 <= token.start <= token.end <= len(text)


@pytest.mark.parametrize(
    ("text", "effective"),
    [
        ("Litauen kündigt an, dass es am 27. Dezember 2025 aus der Ottawa-Konvention austritt", date(2025, 12, 27)),
        ("Litauen will zum 27.12.2025 aus der Ottawa-Konvention austreten", date(2025, 12, 27)),
        ("Litauen wird die Ottawa-Konvention in sechs Monaten verlassen", date(2026, 1, 1)),
    ],
)
def test_date_of_effect_is_read(text: str, effective: date) -> None:
    """Dates in words, in figures, and as a span of time from the day of the item."""
    (signal,) = DETECTOR.read(german(text)).signals
    assert (signal.stage, signal.effective_date) == ("announced", effective)


def test_quotation_marks_and_evidence_keep_their_place() -> None:
    """The spans of the evidence are those of the text as it was written."""
    item = german("„Wir verlassen die Opec“, erklärt Ecuadors Präsident")
    (signal,) = DETECTOR.read(item).signals
    assert all(item.title[span.start : span.end] == span.text for span in signal.evidence)
    assert {span.text for span in signal.evidence} >= {"verlassen", "Opec", "Ecuadors"}


def test_same_exit_in_two_languages_is_one_case() -> None:
    """Languages meet in the case: codes and register ids are the same."""
    (here,) = DETECTOR.read(german("Litauens Parlament stimmt für Austritt aus dem Streumunitionsverbot")).signals
    there = Item(id="2", title="Lithuanian parliament votes to leave Convention on Cluster Munitions")
    assert [s.case_id for s in DETECTOR.read(there).signals] == [here.case_id]


def test_change_of_one_language_leaves_the_version_of_another() -> None:
    """A signal names the state of what read it, not of lexicons that never saw it."""
    assert DETECTOR.version_of("de") != DETECTOR.version_of("en") != ""
    assert DETECTOR.version_of("xx") == ""
    (signal,) = DETECTOR.read(german("Litauen kündigt Austritt aus der Ottawa-Konvention an")).signals
    assert json.dumps(signal.detector_version) == json.dumps(DETECTOR.version_of("de"))
