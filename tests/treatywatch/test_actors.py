"""Who acts: the shipped table is sound, forms hold on their dates, and clashes are refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from treatywatch.actors import FormKind, load_actors
from treatywatch.errors import ConfigError
from treatywatch.locate import config_dir

ACTORS = load_actors(config_dir())


def codes(text: str, day: date | None = None) -> set[str]:
    """Give the codes that a form names on a day."""
    return {code for form in ACTORS.forms() if form.text == text and form.holds(day) for code in form.codes}


def test_every_member_of_the_united_nations_is_there() -> None:
    """193 members, observers, and the territories that sign instruments of their own."""
    assert len(ACTORS) >= 195
    assert {"PL", "EU", "PS", "VA", "XK", "TW"} <= set(ACTORS)


@pytest.mark.parametrize(
    ("text", "code"),
    [("Poland", "PL"), ("Polish", "PL"), ("Kremlin", "RU"), ("Downing Street", "GB"), ("Côte d'Ivoire", "CI"),
     ("Saeima", "LV"), ("North Korean", "KP"), ("Niger", "NE"), ("Nigeria", "NG"), ("Georgia", "GE")],
)  # fmt: skip
def test_usual_forms_name_their_state(text: str, code: str) -> None:
    """Names, demonyms, seats, metonyms and organs."""
    assert codes(text) == {code}


def test_holder_names_the_state_only_in_office() -> None:
    """Who speaks for a state is a question of the date."""
    assert codes("Obama", date(2012, 1, 1)) == {"US"}
    assert codes("Obama", date(2022, 1, 1)) == set()
    assert codes("Trump", date(2018, 1, 1)) == codes("Trump", date(2025, 6, 1)) == {"US"}
    assert codes("Trump", date(2022, 1, 1)) == set()
    assert codes("Obama") == {"US"}


def test_group_acts_through_its_members_from_its_first_day() -> None:
    """The Alliance of Sahel States did not exist before September 2023."""
    assert codes("Baltic states") == {"EE", "LV", "LT"}
    assert codes("Alliance of Sahel States", date(2024, 1, 28)) == {"BF", "ML", "NE"}
    assert codes("Alliance of Sahel States", date(2020, 1, 1)) == set()


def test_treaty_cities_are_traps() -> None:
    """A seat that names a treaty is marked, another seat is not."""
    traps = {form.text: form.trap for form in ACTORS.forms() if form.kind is FormKind.SEAT}
    assert traps["Ottawa"]
    assert not traps["Tallinn"]


def test_name_of_an_unknown_code_is_the_code() -> None:
    """Nothing fails for a code that the file does not hold."""
    assert ACTORS.name("FI") == "Finland"
    assert ACTORS.name("ZZ") == "ZZ"


def write(folder: Path, text: str) -> Path:
    """Write an actors.yml."""
    (folder / "actors.yml").write_text(text, encoding="utf-8")
    return folder


def test_one_name_for_two_actors_is_refused(tmp_path: Path) -> None:
    """A name that means two states would name neither."""
    with pytest.raises(ConfigError, match="'Guinea' names both"):
        load_actors(write(tmp_path, 'actors:\n  GN: {name: Guinea}\n  GQ: {name: X, names: ["Guinea"]}\n'))


def test_group_with_an_unknown_member_is_refused(tmp_path: Path) -> None:
    """A group's members are actors of the file."""
    text = 'groups:\n  - {name: G, forms: ["G"], members: [EE, ZZ]}\nactors:\n  EE: {name: Estonia}\n'
    with pytest.raises(ConfigError, match="no actors: ZZ"):
        load_actors(write(tmp_path, text))
