"""What another language calls the states and instruments: `config/names/<language>.yml` as typed data.

`actors.yml` and `treaties.yml` hold the English names and all facts; these files hold names alone, by the same codes
and ids, so that a language can be added, or a name mended, without touching a fact.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from pydantic import Field

from treatywatch.config import Strict, load, nearest
from treatywatch.errors import ConfigError
from treatywatch.model import Institution


class StateNames(Strict):
    """What a language calls one state. An adjective stands without its ending; `people` are written out."""

    names: tuple[str, ...] = Field(min_length=1)
    adjectives: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    seats: tuple[str, ...] = ()
    bodies: dict[str, Institution] = Field({})


class Names(Strict):
    """The names of one language. Words of `exact` and `seat_traps` mean what they mean in actors.yml.

    `treaties` is keyed by register id, or by id and slug (`TRADE~nafta`); braces write endings, as in the lexicon.
    """

    language: str
    source: str = Field("names", exclude=True, description="the file, for faults; set by the loader")
    adjective_endings: tuple[str, ...] = ("",)
    exact: frozenset[str] = frozenset()
    seat_traps: frozenset[str] = frozenset()
    states: dict[str, StateNames]
    groups: dict[str, tuple[str, ...]] = Field({}, description="by the name of the group in actors.yml")
    holders: dict[str, tuple[str, ...]] = Field({}, description="how an office holder of actors.yml is written here")
    treaties: dict[str, tuple[str, ...]] = Field({})
    organisations: dict[str, tuple[str, ...]] = Field({}, description="outside the register, by slug")

    def demonyms(self, code: str) -> tuple[str, ...]:
        """Give the adjectives of a state with every ending, and its people."""
        state = self.states[code]
        inflected = (f"{word}{ending}" for word in state.adjectives for ending in self.adjective_endings)
        return (*inflected, *state.people)


def names_path(config: Path, language: str) -> Path:
    """Say where the names of a language are kept."""
    return config / "names" / f"{language}.yml"


def load_names(path: Path) -> Names | None:
    """Read the names of a language; none where there is no such file. Raises ConfigError with every fault."""
    return load(path, Names).model_copy(update={"source": str(path)}) if path.exists() else None


def check_names(names: Names, *, states: Iterable[str], groups: Iterable[str], rows: Iterable[str]) -> None:
    """Raise ConfigError for every code, group and register id that the other files do not know, each with its line."""
    known = {"states": set(states), "groups": set(groups), "treaties": set(rows)}
    used: dict[str, Iterable[str]] = {"states": names.states, "groups": names.groups, "treaties": names.treaties}
    faults = [
        f"{names.source}:{_line(names.source, key)}: {section}: there is no '{key}'{nearest(key, known[section])}"
        for section, keys in used.items()
        for key in keys
        if key.partition("~")[0] not in known[section]
    ]
    if faults:
        raise ConfigError(faults)


def _line(source: str, key: str) -> int:
    """Give the line on which a key of the file stands; the first where it is not found."""
    pattern = re.compile(rf"""\s+["']?{re.escape(key)}["']?:""")
    lines = Path(source).read_text(encoding="utf-8").splitlines() if Path(source).exists() else []
    return next((number for number, line in enumerate(lines, 1) if pattern.match(line)), 1)
