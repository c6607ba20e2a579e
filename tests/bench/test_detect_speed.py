"""The whole of `detect`, from item line to output line, against a bare loop; and how few items cost more than the pass.

`make bench CORPUS=DIR` measures the share on every .jsonl(.gz) file of a folder too; without it the stream is our own
(stream.py), which tells whether the share has grown, not what it is on real news.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from processors.detect.lines import answer
from processors.detect.pipeline import load_detector
from processors.detect.scan import Scan
from producers.files import lines, read_lines
from tests.bench.page import Figure
from tests.bench.phrases import phrases
from tests.bench.ratio import FULL, SLACK, take_turns
from tests.bench.stream import HEADLINES, TEXTS, item_lines
from treatywatch.locate import config_dir
from treatywatch.model import Item, Reason

CORPUS = Path(os.environ["BENCH_CORPUS"]) if os.environ.get("BENCH_CORPUS") else None
DETECTOR = load_detector(config_dir())
GOAL = 0.5
GUARD = 0.15
SHARE = 0.05

pytestmark = pytest.mark.skipif(CORPUS is not None and not CORPUS.is_dir(), reason="BENCH_CORPUS is no folder")


class Bare(msgspec.Struct):
    """What the bare loop decodes: as much as it needs."""

    id: str
    title: str
    summary: str = ""


def bare(read: list[bytes], scan: Scan) -> list[bytes]:
    """Decode, run the pass, encode: what any detector must do."""
    decoder, encoder, out = msgspec.json.Decoder(Bare), msgspec.json.Encoder(), []
    for line in read:
        item = decoder.decode(line)
        scan.spans(f"{item.title}\n{item.summary}")
        out.append(encoder.encode({"id": item.id, "signals": (), "reason": "no_candidate"}))
    return out


def ours(read: list[bytes]) -> list[bytes]:
    """Do what the command does, without its files."""
    return [answer(line, DETECTOR) for line in read_lines(read)]


@pytest.mark.parametrize(("long", "goal"), [(True, GOAL), (False, GUARD)], ids=["texts of 2 to 5 kB", "headlines"])
def test_whole_of_detect(long: bool, goal: float, figure: Callable[[Figure], None]) -> None:
    """At no less than half the speed of the bare loop on texts, and the same bytes for what the prefilter stops.

    A headline is passed in 2 µs, less than it takes to check an item's fields: there the floor guards, it is no goal.
    """
    read, scan = list(item_lines(1500 if FULL else 400, TEXTS if long else HEADLINES)), Scan(phrases())
    same = [a == b for a, b in zip(bare(read, scan), ours(read), strict=True)]
    assert 0.9 < sum(same) / len(same) < 1

    found = take_turns(lambda: bare(read, scan), lambda: ours(read))

    what = "detect, " + ("texts of 2 to 5 kB" if long else "headlines alone")
    figure(Figure(what, "decode, that pass, encode", f"{found.speed:.2f}", f"≥ {goal}"))
    assert found.speed >= goal * SLACK


def share(read: list[bytes]) -> float:
    """Tell how many of these lines go beyond the prefilter."""
    items = [line for line in read_lines(read) if isinstance(line, Item)]
    stopped = (Reason.NO_CANDIDATE, Reason.NO_LEXICON)
    return sum(DETECTOR.read(item).reason not in stopped for item in items) / len(items)


@pytest.mark.parametrize("long", [True, False], ids=["texts", "headlines"])
def test_few_items_go_beyond_the_prefilter(long: bool, figure: Callable[[Figure], None]) -> None:
    """At most one in twenty of our own stream, of which about as many hold a near miss as of real news of the world."""
    found = share(list(item_lines(3000 if FULL else 800, TEXTS if long else HEADLINES)))
    figure(Figure("beyond the prefilter", f"our stream, {'texts' if long else 'headlines'}", f"{found:.1%}", "≤ 5 %"))
    assert 0.002 < found <= SHARE


@pytest.mark.skipif(CORPUS is None, reason="BENCH_CORPUS names no corpus")
def test_few_items_of_a_corpus_go_beyond_the_prefilter(figure: Callable[[Figure], None]) -> None:
    """The same on files that are no part of the project; labelled files are made of near misses and not asked."""
    assert CORPUS is not None
    for path in sorted(CORPUS.glob("*.jsonl.gz")):
        with lines(path) as stream:
            found = share(list(stream))
        figure(Figure("beyond the prefilter", path.name, f"{found:.2%}", "≤ 5 %"))
        assert found <= SHARE, path.name
