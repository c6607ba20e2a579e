"""The register of treaties: `config/treaties.yml` as typed data.

The file is the source of every fact about an instrument: names, kind, depositary, exit article, notice. A fact that
rests on general knowledge, not on a source page, is listed in `unsourced`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import Field, model_validator

from treatywatch.config import Strict, lines_of, load
from treatywatch.errors import ConfigError


class NoticeRule(StrEnum):
    """What a plain period cannot say about the date of effect."""

    FIRST_OF_NEXT_MONTH = "first_of_next_month"  # first day of the month after the period has passed
    END_OF_NEXT_YEAR = "end_of_next_year"  # 31 December of the year after the notice
    NEXT_CALENDAR_YEAR = "next_calendar_year"  # 1 January after the notice
    DRUGS_CONVENTION = "drugs_convention"  # 1 January next if received by 1 July, else a year later
    WHALING_CONVENTION = "whaling_convention"  # 30 June if notified by 1 January of the year
    AT_LEAST = "at_least"  # the state may name a later date
    PERIOD_OR_AGREEMENT = "period_or_agreement"  # the period, unless an agreement sets a date
    NOT_BEFORE_THREE_YEARS = "not_before_three_years"  # no notice in the first three years after entry into force
    NO_COMPUTATION = "no_computation"  # renewal terms, financial years, fixed periods: no date can be computed


_WITH_PERIOD = frozenset({
    NoticeRule.FIRST_OF_NEXT_MONTH, NoticeRule.AT_LEAST, NoticeRule.PERIOD_OR_AGREEMENT,
    NoticeRule.NOT_BEFORE_THREE_YEARS,
})  # fmt: skip


class NonParties(Strict):
    """States known to be no party, with the page of the depositary that tells; never the whole list of them."""

    states: tuple[str, ...] = Field(min_length=1)
    source: str = Field(pattern=r"^https://")


class Instrument(Strict):
    """One row of the register: a treaty, an organisation's charter, or a political commitment.

    `group` rows stand for several instruments (TRADE, SOFA …): `notice_periods` then says which has which period, and
    the case id tells them apart. Periods are ISO 8601 durations. A field that is left out is not known;
    `has_exit_clause: false` is known to have none. `collisions` says what else an acronym or name of the row means.
    """

    id: str
    name: str = Field(description="short name for people")
    official: str
    aliases: tuple[str, ...] = ()
    acronyms: tuple[str, ...] = ()
    kind: str
    bilateral: bool = False
    group: bool = False
    depositary: str | None = None
    depositary_references: tuple[Annotated[str, Field(pattern=r"^[IVXL]+(-([A-Z]|[a-z]|\d{1,3}))*$")], ...] = Field(
        (), description='chapters and numbers in the UN\'s "Multilateral Treaties Deposited with the Secretary-General"'
    )
    exit_article: str | None = None
    has_exit_clause: bool | None = None
    notice: str | None = Field(None, pattern=r"^P\d+[YMD]$")
    notice_periods: dict[str, Annotated[str, Field(pattern=r"^P\d+[YMD]$")]] = Field(default_factory=dict)
    notice_rule: NoticeRule | None = None
    conflict_clause: bool | None = None
    entry_into_force: str | None = Field(None, description="ISO date")
    entry_into_force_note: str | None = Field(None, description="what one date cannot say: not in force, several texts")
    parties_count: int | None = Field(None, ge=2)
    collisions: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    non_parties: NonParties | None = None
    parties: tuple[str, ...] = Field((), description="the parties of a bilateral instrument")
    replaces: tuple[str, ...] = Field(
        (), description="slugs of instruments outside the register that this row now stands for"
    )
    unsourced: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _says_one_thing(self) -> Instrument:
        faults = list(_contradictions(self))
        if faults:
            raise ValueError("; ".join(faults))
        return self


def _contradictions(row: Instrument) -> Iterator[str]:
    """Name what a row says against itself."""
    if row.entry_into_force is not None:
        try:
            date.fromisoformat(row.entry_into_force)
        except ValueError:
            yield f"entry_into_force is an ISO date, not '{row.entry_into_force}'"
    if row.bilateral and not row.group and len(row.parties) != 2:
        yield f"a bilateral instrument names its two parties, not {len(row.parties)}"
    if row.has_exit_clause is False and row.exit_article:
        yield "it has an exit article, and says that it has no exit clause"
    if row.notice_rule in _WITH_PERIOD and row.notice is None:
        yield f"the rule '{row.notice_rule}' needs a notice period"
    names = {row.name, row.official, *row.aliases, *row.acronyms}
    for name in sorted(row.collisions.keys() - names):
        yield f"'{name}' collides, and is no name of the row"
    for field in sorted(set(row.unsourced) - Instrument.model_fields.keys()):
        yield f"unsourced names '{field}', which is no field"
    for code in (*row.parties, *(row.non_parties.states if row.non_parties else ())):
        if len(code) != 2 or not code.isupper():
            yield f"'{code}' is no state's code of two capital letters"


class _File(Strict):
    treaties: tuple[Instrument, ...]


class Register:
    """The instruments by id; `version` changes whenever the file does."""

    def __init__(self, instruments: tuple[Instrument, ...], version: str = "test") -> None:
        self.version = version
        self._by_id = {instrument.id: instrument for instrument in instruments}

    def __iter__(self) -> Iterator[Instrument]:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)

    def get(self, id: str | None) -> Instrument | None:
        """Return the instrument, or none where the register has no such row (or `id` is none)."""
        return self._by_id.get(id) if id else None

    def name(self, treaty: str | None, treaty_text: str) -> str:
        """Name a case's instrument for people: the register's short name, else the words of the text."""
        instrument = self.get(treaty)
        return instrument.name if instrument and not instrument.group else treaty_text or (treaty or "an agreement")

    @cached_property
    def by_chapter(self) -> dict[str, Instrument]:
        """The instrument of each number in the UN's list of deposited treaties, "XXVI-5"."""
        return {chapter: instrument for instrument in self for chapter in instrument.depositary_references}

    @cached_property
    def replaced(self) -> dict[str, str]:
        """Slugs of instruments that were outside the register, and the row that stands for each now."""
        return {slug: instrument.id for instrument in self for slug in instrument.replaces}


def _clashes(rows: tuple[Instrument, ...]) -> Iterator[tuple[int, str]]:
    """Name every id, name or acronym that two rows share: a text that holds it could mean either.

    Each fault comes with the place of the later row in the file.
    """
    owner: dict[str, str] = {}
    ids: set[str] = set()
    numbers: dict[str, str] = {}
    for place, row in enumerate(rows):
        if row.id in ids:
            yield place, f"two rows have the id {row.id}; keep one"
        ids.add(row.id)
        for name in sorted({name.casefold() for name in (row.name, *row.aliases, *row.acronyms)}):
            other = owner.setdefault(name, row.id)
            if other != row.id:
                yield place, f"'{name}' is a name of {other} and of {row.id}; keep it in one of them"
        for chapter in row.depositary_references:
            other = numbers.setdefault(chapter, row.id)
            if other != row.id:
                yield place, f"'{chapter}' is the number of {other} and of {row.id}; keep it in one of them"


def load_register(config: Path) -> Register:
    """Read `treaties.yml`. Raises ConfigError with every fault, each with file and line."""
    path = config / "treaties.yml"
    rows = load(path, _File).treaties
    clashes = list(_clashes(rows))
    if clashes:
        lines = lines_of(path, "treaties")
        raise ConfigError([f"{path}:{lines[place]}: {fault}" for place, fault in clashes])
    return Register(rows, hashlib.sha256(path.read_bytes()).hexdigest()[:12])
