"""No text raises, and every span of every answer lies in its text and is what it claims."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.detect.lines import answer
from processors.detect.pipeline import Detection, load_detector
from tests.processors.detect.hostile import PIECES
from treatywatch.item_lines import read_line
from treatywatch.locate import config_dir
from treatywatch.model import Item

DETECTOR = load_detector(config_dir())
CORE = "Poland withdraws from the Ottawa Convention"
SOME = [CORE, "Polen tritt aus dem Vertrag aus", *PIECES.values()]
UNICODE = st.text(st.characters(exclude_categories=()), max_size=80)  # surrogates too


def read(title: str, summary: str = "", language: str = "en") -> Detection:
    """Read a text and check what holds of every answer."""
    item = Item(id="1", title=title, summary=summary, language=language)
    detection = DETECTOR.read(item)
    assert (detection.reason is None) == bool(detection.signals)
    for signal in detection.signals:
        for one in signal.evidence:
            field = getattr(item, one.field)
            assert 0 <= one.start < one.end <= len(field)
            assert len(one.text) == one.end - one.start
            if "&" not in field and field.isascii():
                assert field[one.start : one.end].split() == one.text.split()
        assert 0 <= signal.confidence <= 1
    return detection


@pytest.mark.parametrize("name", PIECES)
def test_hostile_text_is_read(name: str) -> None:
    """A megabyte of it, and some of it before, behind and inside a sentence that says something."""
    piece = PIECES[name]
    read(piece * (1_000_000 // len(piece)))
    some = piece * 40
    for title in (some + CORE, CORE + some, f"{CORE[:6]} {some}{CORE[6:]}", f"{CORE} {some}. {CORE}"):
        read(title)
    read(CORE, some)
    read(some, CORE)


@pytest.mark.parametrize("language", ["en", "de"])
@given(
    parts=st.lists(st.sampled_from([CORE, "Polen tritt aus dem Vertrag aus", *PIECES.values()]) | UNICODE, max_size=12)
)
def test_any_mixture_is_read(language: str, parts: list[str]) -> None:
    """Whatever stands beside whatever."""
    read("".join(parts), " ".join(parts), language)


@given(st.binary(max_size=120) | UNICODE.map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_line_is_answered(line: bytes) -> None:
    """Bytes that are no item too."""
    assert answer(read_line(b'{"title": "' + line + b'"}', warn=lambda _: None), DETECTOR).startswith(b'{"id":')


@pytest.mark.parametrize("escape", [r"\ud800", r"\udc00\ud800", r"\ud83d\ude00", r"\u0000", r"\u202e"])
def test_escapes_of_json_are_answered(escape: str) -> None:
    """A lone surrogate is no text, and the line says so; a pair is."""
    line = f'{{"title": "{escape} {CORE}"}}'.encode()
    assert answer(read_line(line, warn=lambda _: None), DETECTOR).decode()
