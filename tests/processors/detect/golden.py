"""Read the golden sentences: what each should give, and what the detector makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from treatywatch.model import Item, Signal

FILE = Path(__file__).with_name("golden.txt")
FAMILIES = Path(__file__).with_name("families")
PUBLISHED = datetime(2025, 7, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Golden:
    """One row: the family, the expected (actor, treaty or case id or ~, stage or *) triples, and the item."""

    family: str
    expected: tuple[tuple[str, str, str], ...]
    item: Item
    line: int

    def __str__(self) -> str:
        return f"{self.line}-{self.family}"


def read_golden(file: Path = FILE, language: str = "en") -> list[Golden]:
    """Read every row of golden.txt, or of another file of its form."""
    rows = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        family, expected, title, *rest = (part.strip() for part in line.split("¦"))
        wanted = () if expected == "-" else tuple(tuple(one.split()) for one in expected.split(";"))
        item = Item(
            id=str(number),
            title=title.strip("| "),
            summary=rest[0] if rest else "",
            language=language,
            published=PUBLISHED,
        )
        rows.append(Golden(family, wanted, item, number))  # type: ignore[arg-type]  # three words by the file's form
    return rows


def matches(signals: tuple[Signal, ...], row: Golden) -> bool:
    """Tell whether the signals are those that the row expects, none missing and none beside them."""
    if not row.expected:
        return not signals
    free = list(signals)
    for actor, treaty, stage in row.expected:
        hit = next((s for s in free if s.actor == actor and _same(s, treaty) and stage in ("*", s.stage)), None)
        if hit is None:
            return False
        free.remove(hit)
    return not free


def _same(signal: Signal, treaty: str) -> bool:
    if treaty == "~":
        return signal.treaty is None
    return signal.case_id == treaty if ":" in treaty else signal.treaty == treaty
