"""Read what a text should give: a labelled line, a line with the expected signals, or a line without any label.

Three forms of item line are known. A *labelled* line says `lifecycle_event`, and where that is true `stage`, `actors`
and `treaty_id`. A *gold* line says `gold`: the expected signals, those with `optional` neither required nor false.
Any other item line is *unlabelled*: what it gives can only be judged by a reader (`judged.py`).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import msgspec

from treatywatch.item_lines import read_line
from treatywatch.model import DeadLetter, Item

Triple = tuple[str, str | None, str]  # actor, treaty, stage


class _Gold(msgspec.Struct, frozen=True):
    actor: str
    stage: str
    treaty: str | None = None
    optional: bool = False


class _Label(msgspec.Struct, frozen=True):
    lifecycle_event: bool | None = None
    stage: str | None = None
    actors: list[str] = []
    treaty_id: str | None = None
    gold: list[_Gold] | None = None
    family: str | None = None


_decode = msgspec.json.Decoder(_Label).decode


@dataclass(frozen=True, slots=True)
class Text:
    """One text with what is known of it; `key` is the hash that stands for it wherever the text itself must not.

    `event` says whether something happens: none where nobody said, or where two readers may differ. `stages`, `actors`
    and `treaties` are those that a signal may give; empty where the label leaves it open. `must` and `may` are the
    signals that are required and allowed, none where the label is not that exact.
    """

    item: Item
    key: str
    labelled: bool
    event: bool | None
    stage: str
    family: str | None = None
    stages: frozenset[str] = frozenset()
    actors: frozenset[str] = frozenset()
    treaties: frozenset[str] = frozenset()
    must: frozenset[Triple] | None = None
    may: frozenset[Triple] | None = None

    @property
    def half(self) -> str:
        """Which half it belongs to: "dev", which may be looked at while writing rules, or "held", which may not."""
        return half_of(self.key)


def text_key(item: Item) -> str:
    """Hash the text of an item as its source wrote it: the same text has the same key in any file."""
    return hashlib.sha256(f"{item.title}\n{item.summary}".encode()).hexdigest()[:16]


def half_of(key: str) -> str:
    """Part the texts into two halves by their hash, so that nobody chooses."""
    return "dev" if int(key[0], 16) < 8 else "held"


def read_text(line: bytes) -> Text | None:
    """Read one line; none where it is no item, or where its label cannot be read."""
    item = read_line(line, warn=lambda _: None)
    if isinstance(item, DeadLetter):
        return None
    try:
        label = _decode(line)
    except msgspec.MsgspecError:
        return None
    key = text_key(item)
    if label.gold is not None:
        return _of_gold(item, key, label.family, label.gold)
    if label.lifecycle_event is None:
        return Text(item, key, labelled=False, event=None, stage="none", family=label.family)
    stage = label.stage or "none"
    return Text(
        item,
        key,
        labelled=True,
        event=label.lifecycle_event,
        stage=stage,
        family=label.family,
        stages=frozenset({stage}) if label.lifecycle_event else frozenset(),
        actors=frozenset(label.actors),
        treaties=frozenset({label.treaty_id} if label.treaty_id else ()),
    )


def _of_gold(item: Item, key: str, family: str | None, gold: list[_Gold]) -> Text:
    must = frozenset((g.actor, g.treaty, g.stage) for g in gold if not g.optional)
    may = frozenset((g.actor, g.treaty, g.stage) for g in gold)
    first = next((g.stage for g in gold if not g.optional), None)
    return Text(
        item,
        key,
        labelled=True,
        event=None if may and not must else bool(must),
        stage=first or ("open" if may else "none"),
        family=family,
        stages=frozenset(stage for _, _, stage in may),
        actors=frozenset(actor for actor, _, _ in may),
        treaties=frozenset(treaty for _, treaty, _ in may if treaty),
        must=must,
        may=may,
    )
