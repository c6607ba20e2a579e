"""The detector on texts written without knowledge of its rules does not fall below what it once reached."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from processors.detect.pipeline import load_detector
from treatywatch.locate import config_dir
from treatywatch.model import Item
from treatywatch.register import load_register

FILE = Path(__file__).parent / "blind" / "headlines.jsonl"

# Measured, less a little. Raise them as the rules get better; a change of rules that lowers
# one is a loss on text that nobody tuned for.
FLOORS = {
    ("item", "precision"): 0.98,
    ("item", "recall"): 0.93,
    ("pair", "precision"): 0.98,
    ("pair", "recall"): 0.92,
    ("full", "precision"): 0.97,
    ("full", "recall"): 0.90,
}

Triple = tuple[str, str | None, str]


@dataclass(frozen=True)
class Row:
    """One text with the triples (actor, treaty, stage) that it must give and those that it may give."""

    item: Item
    family: str
    must: frozenset[Triple]
    may: frozenset[Triple]

    @property
    def open(self) -> bool:
        """Whether readers could disagree on there being a signal, so that the row as a whole is not counted."""
        return bool(self.may) and not self.must


def read_rows() -> list[Row]:
    """Read the set; a row's number is its item's id."""
    rows = []
    for number, line in enumerate(FILE.read_text(encoding="utf-8").splitlines(), 1):
        raw = json.loads(line)
        day = datetime.fromisoformat(raw["published"]).replace(tzinfo=UTC)
        gold = [((g["actor"], g["treaty"], g["stage"]), g.get("optional", False)) for g in raw["gold"]]
        rows.append(
            Row(
                item=Item(id=str(number), title=raw["title"], summary=raw["summary"], published=day),
                family=raw["family"],
                must=frozenset(triple for triple, optional in gold if not optional),
                may=frozenset(triple for triple, _ in gold),
            )
        )
    return rows


@cache
def figures() -> dict[tuple[str, str], float]:
    """Read every row once; precision and recall of items, of (actor, treaty) and of (actor, treaty, stage)."""
    detector = load_detector(config_dir())
    counts: dict[str, Counter[str]] = {"item": Counter(), "pair": Counter(), "full": Counter()}
    for row in read_rows():
        got = frozenset((s.actor, s.treaty, str(s.stage)) for s in detector.read(row.item).signals)
        for level, width in (("pair", 2), ("full", 3)):
            must, may, found = ({one[:width] for one in part} for part in (row.must, row.may, got))
            counts[level].update(right=len(must & found), missed=len(must - found), false=len(found - may))
        if not row.open:
            hit, want = bool(got), bool(row.must)
            counts["item"].update(right=hit and want, missed=want and not hit, false=hit and not want)
    found_figures = {}
    for level, count in counts.items():
        found_figures[level, "precision"] = count["right"] / max(1, count["right"] + count["false"])
        found_figures[level, "recall"] = count["right"] / max(1, count["right"] + count["missed"])
    return found_figures


@pytest.mark.parametrize(("level", "measure"), FLOORS)
def test_blind_figure_stays_at_its_floor(level: str, measure: str) -> None:
    """Items, then who and which instrument, then the stage as well."""
    assert figures()[level, measure] >= FLOORS[level, measure], figures()


def test_the_set_is_wide_and_well_formed() -> None:
    """Enough texts of both kinds, every label an id of the register, no text twice."""
    rows = read_rows()
    signals = [row for row in rows if row.must]
    known = {instrument.id for instrument in load_register(config_dir())}
    assert len(rows) >= 700
    assert 0.4 <= len(signals) / len(rows) <= 0.5
    assert {treaty for row in rows for _, treaty, _ in row.may} - {None} <= known
    assert len({(row.item.title, row.item.summary) for row in rows}) == len(rows)
    assert len({stage for row in signals for _, _, stage in row.must}) == 9
