"""Nothing English is in the code: with every word of the configuration and of the text disguised, it reads the same."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from processors.detect.clean import clean
from processors.detect.confidence import load_confidence
from processors.detect.lexicon import Lexicon, LexiconFile, load_lexicon
from processors.detect.pipeline import Detection, Detector
from tests.processors.detect.golden import Golden, read_golden
from treatywatch.actors import Actor, Actors, Group, load_actors
from treatywatch.locate import config_dir
from treatywatch.model import Item
from treatywatch.register import Register, load_register

# What stands beside words in the lexicon: ids of rules, rows, slugs, actions and codes. They mean the same everywhere.
NO_WORDS = frozenset(
    {"language", "id", "action", "takes", "stage", "needs", "treaty", "with", "instrument_slugs", "organisation_rows"}
    | {
        "adjectival_rows",
        "declaration_rows",
        "lenders",
        "never_founded",
        "depositary_rows",
        "by_counterpart",
        "actor_rows",
    }
)
KEYED_BY_WORDS = frozenset({"numbers", "units"})  # whose values are no words
NAMED_BY_WORDS = frozenset({"collisions"})  # whose values are words too
# The tokenizer cuts an apostrophe and its letters off in every language alike, so they stay as they are.
_TAIL = re.compile(r"(n['’]t\b|['’](?:s|S|re|ve|ll|m|d)\b)")
_PLAIN = str.maketrans({"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ß": "ss", "ı": "i", "æ": "ae"})


def disguised(text: str) -> str:
    """Give the text in letters that are no English: each letter moved by thirteen places, capitals kept."""
    flat = "".join(c for c in unicodedata.normalize("NFKD", text.translate(_PLAIN)) if not unicodedata.combining(c))
    return "".join(
        part if _TAIL.fullmatch(part) else codecs.encode(part, "rot13") for part in _TAIL.split(flat.replace("’", "'"))
    )


def _deep(value: Any, key: str = "") -> Any:
    if isinstance(value, str):
        return value if key in NO_WORDS else disguised(value)
    if isinstance(value, Mapping):
        plain, words = key in KEYED_BY_WORDS, key in KEYED_BY_WORDS | NAMED_BY_WORDS
        return {(disguised(k) if words else k): v if plain else _deep(v, str(k)) for k, v in value.items()}
    if isinstance(value, (tuple, list, set, frozenset)):
        return [v if key in NO_WORDS else _deep(v, key) for v in value]
    return value


def _lexicon() -> Lexicon:
    words = load_lexicon(config_dir() / "lexicon" / "en.yml").words
    return Lexicon(LexiconFile.model_validate(_deep(words.model_dump(mode="json", by_alias=True))))


def _register() -> Register:
    rows = []
    for row in load_register(config_dir()):
        names = {"name": disguised(row.name), "official": disguised(row.official)}
        more = {k: tuple(disguised(text) for text in getattr(row, k)) for k in ("aliases", "acronyms")}
        rows.append(row.model_copy(update=names | more))
    return Register(tuple(rows))


def _actors() -> Actors:
    real = load_actors(config_dir())
    actors = {code: Actor.model_validate(_actor(real._by_code[code])) for code in real}
    groups = tuple(Group.model_validate(_group(group)) for group in real._groups)
    exact = frozenset(map(disguised, real._exact))
    plural = real._plural.model_validate(_deep(real._plural.model_dump()))
    return Actors(actors, groups, exact, frozenset(map(disguised, real._traps)), plural=plural)


def _actor(actor: Actor) -> dict[str, Any]:
    data = actor.model_dump()
    bodies = {disguised(name): organ for name, organ in data.pop("bodies").items()}
    holders = [holder | {"name": disguised(holder["name"])} for holder in data.pop("holders")]
    return {**_deep(data), "bodies": bodies, "holders": holders}


def _group(group: Group) -> dict[str, Any]:
    return group.model_dump() | {"name": disguised(group.name), "forms": [disguised(form) for form in group.forms]}


PLAIN = Detector(
    {"en": load_lexicon(config_dir() / "lexicon" / "en.yml")},
    load_register(config_dir()),
    load_actors(config_dir()),
    load_confidence(config_dir()),
)
DISGUISED = Detector({"en": _lexicon()}, _register(), _actors(), load_confidence(config_dir()))


def _read(detector: Detector, item: Item) -> tuple[Detection, list[tuple[str, str, str, str]]]:
    detection = detector.read(item)
    return detection, sorted((s.actor, s.treaty or "", s.action, s.stage) for s in detection.signals)


@pytest.mark.parametrize("row", read_golden(), ids=str)
def test_disguised_sentence_is_read_the_same(row: Golden) -> None:
    """An English word left in the code would be missed in the disguise."""
    item = msgspec.structs.replace(
        row.item, title=disguised(clean(row.item.title)), summary=disguised(clean(row.item.summary))
    )
    plain, wanted = _read(PLAIN, row.item)
    hidden, got = _read(DISGUISED, item)
    assert got == wanted, (item.title, plain.reason, hidden.reason)
