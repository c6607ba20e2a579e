"""The register of treaties: `config/treaties.yml` as typed data.

The file is the source of every fact about an instrument: names, kind, depositary, exit article, notice. A fact that
rests on general knowledge, not on a source page, is listed in `unsourced`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from pydantic import Field

from treatywatch.config import Strict, load
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


class Instrument(Strict):
    """One row of the register: a treaty, an organisation's charter, or a political commitment.

    `group` rows stand for several instruments (TRADE, SOFA …): `notice_periods` then says which has which period, and
    the case id tells them apart. Periods are ISO 8601 durations.
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
    exit_article: str | None = None
    notice: str | None = Field(None, pattern=r"^P\d+[YMD]$")
    notice_periods: dict[str, str] = Field(default_factory=dict)
    notice_rule: NoticeRule | None = None
    conflict_clause: bool | None = None
    entry_into_force: str | None = None
    non_parties: tuple[str, ...] = ()
    parties: tuple[str, ...] = Field((), description="the parties of a bilateral instrument")
    replaces: tuple[str, ...] = Field(
        (), description="slugs of instruments outside the register that this row now stands for"
    )
    unsourced: tuple[str, ...] = ()


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
    def replaced(self) -> dict[str, str]:
        """Slugs of instruments that were outside the register, and the row that stands for each now."""
        return {slug: instrument.id for instrument in self for slug in instrument.replaces}


def _clashes(rows: tuple[Instrument, ...]) -> Iterator[str]:
    """Name every id, name or acronym that two rows share: a text that holds it could mean either."""
    owner: dict[str, str] = {}
    ids: set[str] = set()
    for row in rows:
        if row.id in ids:
            yield f"two rows have the id {row.id}; keep one"
        ids.add(row.id)
        for name in {name.casefold() for name in (row.name, *row.aliases, *row.acronyms)}:
            other = owner.setdefault(name, row.id)
            if other != row.id:
                yield f"'{name}' is a name of {other} and of {row.id}; keep it in one of them"


def load_register(config: Path) -> Register:
    """Read `treaties.yml`. Raises ConfigError with every fault."""
    path = config / "treaties.yml"
    rows = load(path, _File).treaties
    faults = [f"{path}: {fault}" for fault in _clashes(rows)]
    if faults:
        raise ConfigError(faults)
    return Register(rows, hashlib.sha256(path.read_bytes()).hexdigest()[:12])
