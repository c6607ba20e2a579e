"""What the register says of each instrument is what the table of facts says, column by column."""

from __future__ import annotations

from pathlib import Path

import pytest

from treatywatch.actors import load_actors
from treatywatch.locate import config_dir
from treatywatch.register import Instrument, load_register

FACTS = Path(__file__).with_name("register_facts.txt")
REGISTER = load_register(config_dir())


def rows() -> list[list[str]]:
    """Read the table of facts."""
    lines = FACTS.read_text(encoding="utf-8").splitlines()
    return [[cell.strip() for cell in line.split(" | ")] for line in lines if not line.startswith("#")]


def said(row: Instrument) -> list[str]:
    """Write a row of the register as the table writes it."""
    clause = "yes" if row.exit_article and not row.group else {True: "yes", False: "no", None: "-"}[row.has_exit_clause]
    return [
        row.id,
        row.kind,
        "yes" if row.bilateral else "no",
        row.depositary or "-",
        clause,
        row.notice or "-",
        ", ".join(f"{name} {period}" for name, period in row.notice_periods.items()) or "-",
        row.notice_rule or "-",
        {True: "yes", False: "no", None: "-"}[row.conflict_clause],
        row.entry_into_force or "-",
        str(row.parties_count or "-"),
        ", ".join(row.acronyms) or "-",
    ]


@pytest.mark.parametrize("facts", rows(), ids=lambda facts: facts[0])
def test_row_says_what_the_table_says(facts: list[str]) -> None:
    """Kind, depositary, exit clause, notice, conflict clause and entry into force are each as the table has them."""
    row = REGISTER.get(facts[0])
    assert row is not None
    given = said(row)
    if row.group:  # one clause for all of a group row is said in its article, instrument by instrument
        given[4] = facts[4] if row.exit_article or row.has_exit_clause is not None or facts[4] == "-" else "missing"
    assert given == facts


def test_table_and_register_name_the_same_instruments() -> None:
    """Neither holds an instrument that the other lacks."""
    assert [facts[0] for facts in rows()] == [row.id for row in REGISTER]


def test_every_state_of_the_register_is_an_actor() -> None:
    """Parties and non-parties are codes that the table of actors knows."""
    actors = load_actors(config_dir())
    codes = {code for row in REGISTER for code in (*row.parties, *(row.non_parties.states if row.non_parties else ()))}
    assert codes <= set(actors), codes - set(actors)


def test_a_known_non_party_has_its_source_and_is_no_party() -> None:
    """Who is outside is told with the page that tells it; nobody is inside and outside."""
    rows_with = [row for row in REGISTER if row.non_parties]
    assert len(rows_with) >= 35
    for row in rows_with:
        assert row.non_parties is not None
        assert row.non_parties.source.startswith("https://")
        assert not set(row.parties) & set(row.non_parties.states), row.id
    ottawa = REGISTER.get("APMBC")
    assert ottawa is not None
    assert ottawa.non_parties is not None
    assert {"US", "RU", "CN", "IN", "PK"} <= set(ottawa.non_parties.states)
