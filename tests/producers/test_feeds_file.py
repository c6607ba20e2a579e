"""The feeds file, and the list that comes with treatywatch."""

from __future__ import annotations

from pathlib import Path

import pytest

from treatywatch.errors import ConfigError
from treatywatch.feed_rows import address
from treatywatch.feeds import load_feeds, owners
from treatywatch.locate import config_dir

ONE = """feeds:
  - id: one
    url: https://news.example.org/feed
    outlet: Illustrative
    owner: Group
    country: NO
    language: nb
    kind: wire
"""


def faults(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "feeds.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        load_feeds(path)
    return [fault.replace(str(path), "feeds.yml") for fault in raised.value.faults]


def test_feed_with_the_fixed_keys_is_read(tmp_path: Path) -> None:
    """Norway stays Norway, and the outlet's owner is known."""
    path = tmp_path / "feeds.yml"
    path.write_text(ONE, encoding="utf-8")
    (feed,) = load_feeds(path)

    assert (feed.id, feed.country, feed.language, feed.enabled) == ("one", "NO", "nb", True)
    assert owners([feed]) == {"Illustrative": "Group"}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (ONE + "    intervall_seconds: 5\n", "feeds.yml:9: unknown key 'feeds.0.intervall_seconds'"),
        (ONE.replace("https://", "file://"), "feeds.yml:3: feeds.0.url: Value error, only http and https"),
        (ONE.replace("country: NO", "country: Norway"), "feeds.yml:6: feeds.0.country"),
        (ONE.replace("    url: https://news.example.org/feed\n", ""), "feeds.yml:2: key 'feeds.0.url' is missing"),
        (ONE + ONE.removeprefix("feeds:\n"), "feeds.yml:9: id 'one' is given twice, first on line 2"),
    ],
)
def test_fault_names_file_and_line(tmp_path: Path, wrong: str, said: str) -> None:
    """So that it is mended in one go."""
    assert any(fault.startswith(said) for fault in faults(tmp_path, wrong))


def test_list_that_comes_with_treatywatch_is_sound() -> None:
    """Real outlets, each with owner, country and kind; marked until somebody has seen them answer."""
    feeds = load_feeds(config_dir() / "feeds.yml")

    assert len(feeds) >= 120
    assert all(feed.owner and feed.country and feed.kind for feed in feeds)
    assert not any(feed.verified or feed.illustrative for feed in feeds)
    assert len({feed.country for feed in feeds} - {"EU", "XX"}) >= 40
    assert len({feed.language for feed in feeds}) >= 20
    assert len(set(owners(feeds).values())) >= 100


def test_list_that_comes_with_treatywatch_names_no_feed_twice() -> None:
    """Neither by another spelling of its address, nor one outlet under two owners."""
    feeds = load_feeds(config_dir() / "feeds.yml")
    owned: dict[str, set[str]] = {}
    for feed in feeds:
        owned.setdefault(feed.outlet, set()).add(feed.owner_or_outlet)

    assert len({address(feed.url) for feed in feeds}) == len({feed.id for feed in feeds}) == len(feeds)
    assert {outlet: names for outlet, names in owned.items() if len(names) > 1} == {}


def test_list_that_comes_with_treatywatch_watches_where_treaties_are_left() -> None:
    """Several voices, of several owners, from each place that a desk officer in the region reads first."""
    feeds = load_feeds(config_dir() / "feeds.yml")

    for country in ("EE", "LV", "LT", "PL", "UA", "FI", "RU", "US", "GB", "FR", "CN"):
        assert len({feed.owner for feed in feeds if feed.country == country}) >= (1 if country == "CN" else 2), country
    for country in ("EE", "LT", "PL", "SE", "NO", "UA", "US", "GB", "FR", "DE", "RU"):
        official = {feed.id for feed in feeds if feed.country == country and feed.kind in ("government", "parliament")}
        assert official, country
    for kind in ("wire", "parliament", "government", "ngo", "think_tank", "specialist", "international_organisation"):
        assert len([feed for feed in feeds if feed.kind == kind]) >= 2, kind
