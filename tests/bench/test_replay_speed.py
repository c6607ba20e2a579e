"""Replay of archived item lines: the whole of it against a bare loop on one core, and two cores against one."""

from __future__ import annotations

import gc
import multiprocessing
import time
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec
import pytest

from processors.detect.pipeline import load_detector
from processors.replay import Heard, final, track
from processors.reread import Lines, Said, cores, read_all, read_batch
from processors.track.advance import load_rules
from processors.track.lines import case_line
from tests.bench.page import Figure
from tests.bench.ratio import FULL, SLACK, take_turns
from tests.bench.stream import item_lines
from treatywatch.locate import config_dir
from treatywatch.model import Item, Signal
from treatywatch.wire import to_json

CONFIG = config_dir()
DETECTOR, RULES = load_detector(CONFIG), load_rules(CONFIG)
FORM = Lines("bench", datetime(2026, 11, 1, tzinfo=UTC))
GOAL_BARE, GOAL_TWO = 0.7, 1.8


class Bare(msgspec.Struct):
    """What the bare loop decodes: as much as it needs."""

    id: str
    title: str
    published: str
    summary: str = ""


def bare(read: list[bytes]) -> list[bytes]:
    """Decode, prefilter, detect, encode: the least that a replay must do."""
    decoder, encoder, out = msgspec.json.Decoder(Bare), msgspec.json.Encoder(), []
    for line in read:
        got = decoder.decode(line)
        day = datetime.fromisoformat(got.published).replace(tzinfo=UTC)
        item = Item(id=got.id, title=got.title, summary=got.summary, published=day)
        out += [encoder.encode(signal) for signal in DETECTOR.read(item).signals]
    return out


def ours(read: list[bytes]) -> tuple[list[Signal], list[bytes]]:
    """All that the command does between its files: signals, cases, the clock, the lines."""
    said = read_batch(DETECTOR, FORM, read, 0, frozenset())
    cases = final(track((Heard(one.published, one.signals) for one in said), RULES))
    return [signal for one in said for signal in one.signals], [to_json(case_line(case)) for case in cases]


def test_replay_against_a_bare_loop(figure: Callable[[Figure], None]) -> None:
    """At no less than 0.7 of its speed, with the same signals."""
    read = list(item_lines(2000 if FULL else 400))
    assert [to_json(signal) for signal in ours(read)[0]] == bare(read)
    assert len(bare(read)) > 0

    found = take_turns(lambda: bare(read), lambda: ours(read))

    figure(Figure("replay, one core", "decode, prefilter, detect, encode", f"{found.speed:.2f}", f"≥ {GOAL_BARE}"))
    assert found.speed >= GOAL_BARE * SLACK


def wall(work: Callable[[], object]) -> float:
    """Seconds on the clock of the wall: what a second core saves."""
    gc.collect()
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def apart(read: list[bytes]) -> None:
    """Read the two halves in two processes that have nothing to do with each other: all that two cores can give."""
    load_detector(CONFIG)
    half = len(read) // 2
    context = multiprocessing.get_context("fork")
    both = [
        context.Process(target=read_batch, args=(DETECTOR, FORM, part, 0, frozenset()))
        for part in (read[:half], read[half:])
    ]
    for process in both:
        process.start()
    for process in both:
        process.join()


@pytest.mark.skipif(cores() < 2, reason="one core")
def test_two_cores_against_one(figure: Callable[[Figure], None]) -> None:
    """The same in the same order, at 0.9 of what two processes without a parent give (1.8 where they give 2)."""
    read = list(item_lines(12_000 if FULL else 2400))

    def on(jobs: int) -> list[Said]:
        return list(read_all(read, CONFIG, FORM, jobs))

    assert [one for one in on(2) if one.signals] == [one for one in on(1) if one.signals]
    rounds = [(wall(lambda: on(1)), wall(lambda: on(2)), wall(lambda: apart(read))) for _ in range(5 if FULL else 2)]
    one, two, ideal = (min(column) for column in zip(*rounds, strict=True))

    share = ideal / two
    text = f"{one / two:.2f} (two processes apart: {one / ideal:.2f})"
    figure(Figure("replay, two cores", "one core", text, f"≥ {GOAL_TWO}, where two cores are free"))
    assert share >= GOAL_TWO / 2 * SLACK
