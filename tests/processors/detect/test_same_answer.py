"""The same text gives the same answer on any machine, and however an outlet writes it."""

from __future__ import annotations

import subprocess
import sys
import unicodedata
from collections.abc import Callable
from itertools import cycle

import msgspec
import pytest

from processors.detect.pipeline import load_detector
from tests.processors.detect.golden import read_golden
from tests.running import environment
from treatywatch.locate import config_dir
from treatywatch.model import Item

DETECTOR = load_detector(config_dir())
GOLDEN = [row.item for row in read_golden()]
MACHINES = (
    {"PYTHONHASHSEED": "0", "LC_ALL": "C", "TZ": "UTC"},
    {"PYTHONHASHSEED": "1", "LC_ALL": "C.UTF-8", "TZ": "Asia/Tokyo", "PYTHONUTF8": "0"},
    {"PYTHONHASHSEED": "4294967295", "LC_ALL": "tr_TR.UTF-8", "TZ": "America/St_Johns"},
)


def test_answer_is_the_same_to_the_byte_on_any_machine() -> None:
    """Hash seeds, locales and time zones change nothing."""
    rows = [{"id": i.id, "title": i.title, "summary": i.summary, "published": "2025-07-01"} for i in GOLDEN]
    given = b"\n".join(msgspec.json.encode(row) for row in rows)
    assert len(rows) > 300
    answers = {
        subprocess.run(
            [sys.executable, "-m", "treatywatch", "detect"],
            input=given,
            capture_output=True,
            check=True,
            env=environment(machine),
        ).stdout
        for machine in MACHINES
    }
    assert len(answers) == 1


def soft(text: str) -> str:
    """Put a soft hyphen into every long word."""
    words = text.split(" ")
    return " ".join(f"{word[:3]}\u00ad{word[3:]}" if len(word) > 6 and word.isalpha() else word for word in words)


def curly(text: str) -> str:
    """Write quotes as a word processor does."""
    marks = cycle("\u201c\u201d")
    return "".join(next(marks) if c == '"' else "\u2019" if c == "'" else c for c in text)


MUTATIONS: dict[str, Callable[[str], str]] = {
    "curly quotes": curly,
    "quotes as entities": lambda text: text.replace("'", "&#39;").replace('"', "&quot;"),
    "ampersands and hexadecimal entities": lambda text: text.replace("'", "&#x27;"),
    "spaces around": lambda text: f"  {text}  ",
    "two spaces": lambda text: text.replace(" ", "  "),
    "no-break spaces": lambda text: text.replace(" ", "\u00a0"),
    "tabs": lambda text: text.replace(" ", "\t"),
    "soft hyphens": soft,
    "zero-width spaces": lambda text: soft(text).replace("\u00ad", "\u200b"),
    "word joiners at the ends": lambda text: f"\ufeff{text}\u2060",
    "decomposed accents": lambda text: unicodedata.normalize("NFD", text),
    "right-to-left marks": lambda text: f"\u200e{text}\u200f",
}


def told(title: str, summary: str, item: Item) -> set[tuple[str, str, str]]:
    """Read the item with other words in it; give what its signals state."""
    read = DETECTOR.read(msgspec.structs.replace(item, title=title, summary=summary))
    return {(s.case_id, s.action, s.stage) for s in read.signals}


@pytest.mark.parametrize("name", MUTATIONS)
def test_answer_is_the_same_however_it_is_written(name: str) -> None:
    """Marks, spaces and encodings that a reader does not see change nothing, of any golden sentence."""
    change = MUTATIONS[name]
    differing = [
        item.title
        for item in GOLDEN
        if told(item.title, item.summary, item) != told(change(item.title), change(item.summary), item)
    ]
    assert differing == []


def test_capitals_and_small_letters_lose_no_case_and_invent_none() -> None:
    """A headline in capitals or in small letters says the same, but for names that only capitals tell apart.

    "START", "WHO" and "Holy See" are words in small letters; "TURKEY" and "Poles" are one in capitals.
    """
    upper = sum(told(i.title.upper(), i.summary.upper(), i) == told(i.title, i.summary, i) for i in GOLDEN)
    lower = sum(told(i.title.lower(), i.summary.lower(), i) == told(i.title, i.summary, i) for i in GOLDEN)
    assert upper >= 0.9 * len(GOLDEN), upper / len(GOLDEN)
    assert lower >= 0.9 * len(GOLDEN), lower / len(GOLDEN)
