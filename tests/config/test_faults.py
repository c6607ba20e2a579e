"""A mistake in a configuration file is told with file, line and what was meant: mistakes made in the real files."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from processors.detect.languages import read_language
from processors.track.policy import load_rules
from treatywatch.actors import load_actors
from treatywatch.errors import ConfigError
from treatywatch.locate import config_dir
from treatywatch.register import load_register

CONFIG = config_dir()
LEXICON, TREATIES, ACTORS, ALERTS = "lexicon/en.yml", "treaties.yml", "actors.yml", "alerts.yml"
READ: dict[str, Callable[[Path], object]] = {
    LEXICON: lambda folder: read_language(folder / LEXICON),
    TREATIES: load_register,
    ACTORS: load_actors,
    ALERTS: load_rules,
}


@cache
def lines(name: str) -> tuple[str, ...]:
    """The lines of a file as it is shipped."""
    return tuple((CONFIG / name).read_text(encoding="utf-8").splitlines())


def faults(folder: Path, name: str, changed: list[str]) -> list[str]:
    """Read the file with other lines; give its faults, without the folder."""
    if not (folder / TREATIES).exists():
        for other in READ:
            (folder / other).parent.mkdir(exist_ok=True)
            shutil.copy(CONFIG / other, folder / other)
    (folder / name).write_text("\n".join(changed) + "\n", encoding="utf-8")
    try:
        READ[name](folder)
    except ConfigError as error:
        return [fault.removeprefix(f"{folder}/") for fault in error.faults]
    finally:
        shutil.copy(CONFIG / name, folder / name)
    return []


def mistake(folder: Path, name: str, old: str, new: str) -> tuple[int, list[str]]:
    """Replace the first match of a pattern; give the line that it stood on and the faults."""
    text = "\n".join(lines(name))
    found = re.search(old, text, re.MULTILINE)
    assert found is not None, old
    changed = text[: found.start()] + found.expand(new) + text[found.end() :]
    return text.count("\n", 0, found.start()) + 1, faults(folder, name, changed.split("\n"))


@pytest.mark.parametrize("name", READ)
def test_shipped_file_has_no_fault(tmp_path: Path, name: str) -> None:
    """The near miss of all that follows."""
    assert faults(tmp_path, name, list(lines(name))) == []


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        # a key that is misspelt: the nearest that is valid
        (LEXICON, r"^articles:", "artikles:", "unknown key 'artikles', did you mean 'articles'?"),
        (TREATIES, r"\bofficial:", "offical:", "did you mean 'official'?"),
        (ACTORS, r"\bdemonyms:", "demonym:", "did you mean 'demonyms'?"),
        (ALERTS, r"^weight:", "wieght:", "unknown key 'wieght', did you mean 'weight'?"),
        (ALERTS, r"arms: notice", "army: notice", "did you mean 'arms'?"),
        # a value of another type
        (LEXICON, r"^articles: .*$", "articles: 3", "articles: "),
        (LEXICON, r"^(  - \{id: .*?takes: )\w+", r"\1sideways", "takes: "),
        (TREATIES, r"notice: P\w+", "notice: six months", "notice: "),
        (TREATIES, r"bilateral: true", "bilateral: perhaps", "bilateral: "),
        (ACTORS, r"""since: ["']?[0-9-]+["']?""", "since: yesterday", "since: "),
        (ALERTS, r"announced:  \{arms: urgent", "announced:  {arms: loud", "arms: "),
        # a day that no calendar has
        (ACTORS, r"""since: ["']?[0-9-]+["']?""", "since: 2025-02-30", "2025-02-30: day is out of range for month"),
        # a key that stands there already
        (LEXICON, r"^articles:", "articles: []\narticles:", "key 'articles' given twice"),
        (ALERTS, r"^weight:", "steps: {}\nweight:", "key 'steps' given twice"),
        # what YAML cannot read
        (LEXICON, r"^articles: \[", "articles: [[", "not valid YAML"),
        (TREATIES, r"^treaties:", "treaties: &a [*b]\nx:", "not valid YAML"),
        (ACTORS, r"^actors:", "\tactors:", "not valid YAML"),
        (ALERTS, r"^weight:", "\x01weight:", "a control character"),
        # a kind, a group and a code that nobody knows
        (ACTORS, r"members: \[\w+", "members: [ZZ", "no actors: ZZ"),
    ],
)
def test_mistake_is_told_with_its_line(tmp_path: Path, name: str, old: str, new: str, told: str) -> None:
    """Where it stands, and what to do."""
    line, found = mistake(tmp_path, name, old, new)
    assert any(told in fault for fault in found), found
    places = [int(number) for fault in found if (number := fault.partition(":")[2].partition(":")[0]).isdigit()]
    assert len(places) == len(found)
    assert any(line <= place <= line + 2 for place in places), (line, found)


def test_missing_key_is_told_with_the_line_of_what_lacks_it(tmp_path: Path) -> None:
    """Of a row its first line, of a file the first."""
    row = next(n for n, text in enumerate(lines(TREATIES), 1) if re.match(r"\s*- .*\bid: ", text))
    _, found = mistake(tmp_path, TREATIES, r"\bname: [^,\n]+,? ?", "")
    assert found == [f"treaties.yml:{row}: key 'treaties.0.name' is missing"]
    _, found = mistake(tmp_path, LEXICON, r"^infinitive: .*\n", "")
    assert found == ["lexicon/en.yml:1: key 'infinitive' is missing"]


def test_name_of_two_is_told_with_the_line_of_the_later(tmp_path: Path) -> None:
    """An alias that two instruments have, and a name that two states have."""
    _, found = mistake(
        tmp_path, TREATIES, r"\Z", "\n  - {id: ZZ, name: Zed Treaty, official: x, kind: arms, aliases: [Ottawa Treaty]}"
    )
    assert len(found) == 1
    assert "'ottawa treaty' is a name of APMBC and of ZZ" in found[0]
    assert int(found[0].split(":")[1]) >= len(lines(TREATIES))
    line, found = mistake(tmp_path, ACTORS, r"^(  [A-Z]{2}): \{name: [^,}]+", r"\1: {name: Estonia")
    assert any("'Estonia' names both" in fault for fault in found), (line, found)


KEYS = {name: [n for n, text in enumerate(lines(name)) if re.match(r"[a-z_]{4,}:", text)] for name in (LEXICON, ALERTS)}


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), name=st.sampled_from([LEXICON, ALERTS]))
def test_any_misspelt_key_is_told_with_its_line_and_the_right_one(
    tmp_path: Path, data: st.DataObject, name: str
) -> None:
    """Two letters of a key change places: where it stands, and a key that is near."""
    number = data.draw(st.sampled_from(KEYS[name]))
    key, colon, rest = lines(name)[number].partition(":")
    at = data.draw(st.integers(0, len(key) - 2))
    wrong = key[:at] + key[at + 1] + key[at] + key[at + 2 :]
    changed = list(lines(name))
    changed[number] = f"{wrong}{colon}{rest}"
    found = faults(tmp_path, name, changed)
    if wrong == key:
        assert found == []
    else:
        told = f"{name}:{number + 1}: unknown key '{wrong}', did you mean '"
        assert any(fault.startswith(told) for fault in found), found
