"""The register: the shipped file is sound, and what is wrong in one is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from treatywatch.errors import ConfigError
from treatywatch.locate import config_dir
from treatywatch.register import Instrument, Register, load_register


def write(folder: Path, rows: str) -> Path:
    """Write a treaties.yml of these rows."""
    (folder / "treaties.yml").write_text(f"treaties:\n{rows}", encoding="utf-8")
    return folder


def test_shipped_register_holds_eighty_instruments() -> None:
    """Every row loads, and the ones that the demo needs are there."""
    register = load_register(config_dir())
    assert len(register) == 80
    ottawa = register.get("APMBC")
    assert ottawa is not None
    assert (ottawa.notice, ottawa.conflict_clause, ottawa.exit_article) == ("P6M", True, "Art. 20")


def test_get_of_an_unknown_or_no_id_is_none() -> None:
    """A treaty outside the register is no error."""
    register = load_register(config_dir())
    assert register.get("NOPE") is None
    assert register.get(None) is None


def test_name_is_the_short_name_but_the_text_for_a_group() -> None:
    """A group row stands for many instruments, so the words of the text name the one."""
    register = Register(
        (
            Instrument(id="A", name="Short", official="Long", kind="x"),
            Instrument(id="G", name="pacts", official="pacts", kind="x", group=True),
        )
    )
    assert register.name("A", "as written") == "Short"
    assert register.name("G", "as written") == "as written"
    assert register.name(None, "a 2018 accord") == "a 2018 accord"


def test_replaced_slugs_point_to_their_row() -> None:
    """A slug that a row replaces finds the row."""
    row = Instrument(id="A", name="Short", official="Long", kind="x", replaces=("~old-ru",))
    assert Register((row,)).replaced == {"~old-ru": "A"}


def test_two_rows_with_one_name_are_named_both(tmp_path: Path) -> None:
    """A text that holds a shared name could mean either row, so the file is refused."""
    rows = (
        '  - {id: A, name: "One", official: "One", kind: x}\n'
        '  - {id: B, name: "Two", official: "Two", kind: x, acronyms: [ONE]}\n'
    )
    with pytest.raises(ConfigError, match=r"treaties.yml:3: 'one' is a name of A and of B"):
        load_register(write(tmp_path, rows))


def test_one_id_twice_is_refused(tmp_path: Path) -> None:
    """An id names one row."""
    rows = '  - {id: A, name: "One", official: "One", kind: x}\n  - {id: A, name: "Two", official: "Two", kind: x}\n'
    with pytest.raises(ConfigError, match=r"treaties.yml:3: two rows have the id A"):
        load_register(write(tmp_path, rows))


def test_wrong_key_names_line_and_nearest_key(tmp_path: Path) -> None:
    """The person who edits the file is told where and what was meant."""
    rows = '  - {id: A, name: "One", official: "One", kind: x, alias: ["Uno"]}\n'
    with pytest.raises(ConfigError, match=r"treaties.yml:2: unknown key .*did you mean 'aliases'"):
        load_register(write(tmp_path, rows))


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        ("entry_into_force: spring", "entry_into_force is an ISO date"),
        ("bilateral: true, parties: [US]", "names its two parties, not 1"),
        ("has_exit_clause: false, exit_article: Art. 3", "says that it has no exit clause"),
        ("notice_rule: at_least", "needs a notice period"),
        ("collisions: {XY: [other]}", "'XY' collides, and is no name of the row"),
        ("unsourced: [colour]", "unsourced names 'colour', which is no field"),
        ("non_parties: {states: [France], source: 'https://un.example/'}", "'France' is no state's code"),
        ("non_parties: {states: [FR], source: hearsay}", "should match pattern"),
        ("notice_periods: {A: six months}", "should match pattern"),
        ("parties_count: 1", "greater than or equal to 2"),
    ],
)
def test_contradiction_names_the_line(tmp_path: Path, cells: str, fault: str) -> None:
    """What a row says against itself is named with the line of the row or of the cell."""
    first, second = ('  - {id: A, name: "One"', f'  - {{id: B, name: "Two", {cells}')
    rows = "".join(f'{row}, official: "Long", kind: x}}\n' for row in (first, second))
    with pytest.raises(ConfigError, match=r"treaties.yml:3: ") as raised:
        load_register(write(tmp_path, rows))
    assert fault in str(raised.value)
