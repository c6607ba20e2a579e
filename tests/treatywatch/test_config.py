"""Configuration files: every fault is named by file, line and nearest valid key, all at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from treatywatch.config import Strict, load, nearest
from treatywatch.errors import ConfigError


class Inner(Strict):
    name: str
    weight: int = 0


class Outer(Strict):
    title: str = ""
    rows: tuple[Inner, ...] = ()
    codes: tuple[str, ...] = ()
    on: bool = False


def write(folder: Path, text: str) -> Path:
    path = folder / "some.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_all_faults_are_named_at_once_with_line_and_nearest_key(tmp_path: Path) -> None:
    """A person mends a file in one go, not fault by fault."""
    path = write(tmp_path, "titel: x\nrows:\n  - name: a\n    wieght: 1\n  - weight: two\n")

    with pytest.raises(ConfigError) as caught:
        load(path, Outer)

    assert caught.value.faults == [
        f"{path}:4: unknown key 'rows.0.wieght', did you mean 'weight'?",
        f"{path}:5: key 'rows.1.name' is missing",
        f"{path}:5: rows.1.weight: Input should be a valid integer, unable to parse string as an integer (got 'two')",
        f"{path}:1: unknown key 'titel', did you mean 'title'?",
    ]


def test_a_correct_file_gives_its_values(tmp_path: Path) -> None:
    """The near miss of the faulty file."""
    path = write(tmp_path, "title: x\nrows:\n  - {name: a, weight: 1}\n")

    assert load(path, Outer) == Outer(title="x", rows=(Inner(name="a", weight=1),))


def test_country_codes_stay_text(tmp_path: Path) -> None:
    """Norway's code is no boolean, and neither is Ontario's."""
    path = write(tmp_path, "codes: [NO, ON, yes, Off]\non: true\n")

    assert load(path, Outer) == Outer(codes=("NO", "ON", "yes", "Off"), on=True)


def test_a_key_given_twice_is_a_fault(tmp_path: Path) -> None:
    """Plain YAML would keep the last one in silence."""
    path = write(tmp_path, "title: a\ntitle: b\n")

    with pytest.raises(ConfigError, match=r"some\.yml:2: .*key 'title' given twice, first on line 1"):
        load(path, Outer)


def test_broken_yaml_names_its_line(tmp_path: Path) -> None:
    """A syntax error is a fault like any other."""
    path = write(tmp_path, "title: a\nrows: [\n")

    with pytest.raises(ConfigError, match=r"some\.yml:\d+: not valid YAML"):
        load(path, Outer)


def test_a_file_that_is_not_there_is_one_clear_line(tmp_path: Path) -> None:
    """No traceback for a wrong path."""
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path / "absent.yml", Outer)


def test_nearest_says_nothing_where_nothing_is_near() -> None:
    """A far-fetched suggestion misleads."""
    assert nearest("zzz", ["title", "rows"]) == ""
