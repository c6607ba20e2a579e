"""Reading on several cores: what one core would say, in the same order."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from processors import reread
from processors.reread import Lines, Records, Said, read_all
from treatywatch import wire
from treatywatch.locate import config_dir
from treatywatch.model import Item

NOW = datetime(2026, 11, 1, tzinfo=UTC)
EXIT = "Estonia notifies the United Nations of its withdrawal from the Ottawa Convention"


def lines(count: int) -> Iterator[bytes]:
    """Item lines: an exit now and then, one that cannot be read, a bad date, times that go back."""
    for number in range(count):
        title = EXIT if number % 97 == 5 else f"Illustrative match report {number}"
        day = f"2025-{number % 12 + 1:02}-{number % 28 + 1:02}" if number % 50 else "soon"
        line = json.dumps({"id": str(number), "title": title, "published": day}).encode()
        yield b"{ no json" if number == 40 else line


def read(jobs: int, count: int) -> list[Said]:
    """Read them all."""
    return list(read_all(lines(count), config_dir(), Lines("test", NOW), jobs, frozenset({"7"})))


def test_two_processes_say_what_one_says_in_the_same_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches of a few items, so that there are many."""
    alone = read(1, 700)
    monkeypatch.setattr(reread, "BATCH", 20)
    monkeypatch.setattr(reread, "ALONE", 40)

    both = read(2, 700)

    def of_weight(said: list[Said]) -> list[Said]:
        return [one for one in said if one.signals or one.reason or one.warnings or one.item == "7"]

    assert of_weight(both) == of_weight(alone)
    assert len([one for one in both if one.signals]) == 8
    assert [one.place for one in both if one.reason] == [40]
    assert max(one.published for one in both if one.published) == max(o.published for o in alone if o.published)


def test_an_item_that_is_asked_for_is_said_though_it_gives_nothing() -> None:
    """So that a signal which it no longer gives can be taken back; its neighbours are left out."""
    said = {one.item for one in read(1, 10) if not one.signals}

    assert "7" in said
    assert "3" not in {one.item for one in read(1, 10) if one.published is None}


def test_records_of_the_topic_are_read_as_they_stand() -> None:
    """One that is no item is told with its reason, and the rest goes on."""
    item = Item(id="a", title=EXIT, published=NOW, revision=3)

    said = list(read_all([b"no item", wire.encode(item)], config_dir(), Records()))

    assert [(one.place, one.reason) for one in said] == [(0, "malformed"), (1, "")]
    assert (said[1].item, said[1].revision, len(said[1].signals)) == ("a", 3, 1)


def test_progress_hears_how_many_are_read() -> None:
    """Batch by batch, to the end."""
    heard: list[int] = []

    list(read_all(lines(1000), config_dir(), Lines("test", NOW), 1, progress=heard.append))

    assert heard == [400, 800, 1000]
