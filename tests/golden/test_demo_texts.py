"""The bundled demo's texts: what they promise, and that faults in them are named."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import msgspec
import pytest

from producers.newsroom_feeds import render
from treatywatch.demo import feeds_for, item_lines, items_of, load_demo
from treatywatch.errors import ConfigError
from treatywatch.feeds import FeedsFile
from treatywatch.item_lines import read_line
from treatywatch.locate import config_dir

CONFIG = config_dir()


def test_bundled_demo_keeps_its_promises() -> None:
    """Eight outlets and four owners or more, three near misses per true story, an edit, a wire story."""
    demo = load_demo(CONFIG)
    stories = [story for scene in demo.scenes for story in scene.stories]
    true, near = [s for s in stories if s.family is None], [s for s in stories if s.family]
    papers = [o for o in demo.outlets if o.kind != "depositary"]
    assert len(papers) >= 8
    assert len({o.owner for o in papers}) == 4
    assert {o.format for o in demo.outlets} == {"rss", "atom", "json"}
    assert all("illustrative" in o.name for o in demo.outlets)
    assert 40 <= sum(len(s.outlets) for s in true) <= 60
    assert len(near) >= 3 * len(true)
    assert len({s.family for s in near}) >= 20
    assert sum(len(scene.changes) for scene in demo.scenes) >= 2
    assert any(len({o.owner for o in papers if o.id in s.outlets}) >= 3 for s in true)
    assert any(s.family is None for s in demo.scenes[0].stories)


def test_no_entry_leaves_a_feed_before_it_was_fetched() -> None:
    """What a scene prints is in the feed after that scene, for every feed: the window is wide enough."""
    demo = load_demo(CONFIG)
    for number, printed in enumerate(demo.printed):
        for article in printed:
            assert article in demo.feed(article.outlet.id, number)


def test_feed_rows_fit_the_feeds_file() -> None:
    """`feeds_for` gives rows that the feeds file's own model takes, all marked illustrative."""
    rows = feeds_for(load_demo(CONFIG), "http://127.0.0.1:21100/")
    feeds = FeedsFile.model_validate({"feeds": rows}).feeds
    assert all(feed.illustrative and feed.url.startswith("http://127.0.0.1:21100/feeds/") for feed in feeds)


def test_every_xml_feed_of_the_bundled_demo_is_well_formed() -> None:
    """All feeds of the last scene, as the strictest reader would read them."""
    demo = load_demo(CONFIG)
    for one in demo.outlets:
        body = render(one, demo.feed(one.id, len(demo.scenes) - 1), "http://127.0.0.1:1")
        if one.format == "json":
            assert json.loads(body)["items"]
        else:
            assert len(list(ET.fromstring(body).iter())) > 10


def test_item_lines_read_back_as_the_items() -> None:
    """The export carries everything that the fixed item line can: all but the feed and the replaced text."""
    demo = load_demo(CONFIG)
    read = [read_line(json.dumps(line).encode()) for line in item_lines(demo)]
    assert read == [msgspec.structs.replace(item, feed=None, previous=None) for item in items_of(demo)]


@pytest.mark.parametrize(
    ("scenes", "fault"),
    [
        (
            "scenes: [{at: 2025-03-18T13:00:00Z, stories: [{id: a, outlets: [nobody], "
            "title: Long title, summary: Long text here}]}]",
            "unknown outlet 'nobody'",
        ),
        ("scenes: [{at: 2025-03-18T13:00:00Z}, {at: 2025-03-18T12:00:00Z}]", "not after"),
        (
            "scenes: [{at: 2025-03-18T13:00:00Z, changes: [{of: x, title: A long title, summary: A long summary}]}]",
            "changes 'x'",
        ),
        ("scenes: []", "no scenes"),
    ],
)
def test_fault_in_the_timeline_is_named(tmp_path: Path, scenes: str, fault: str) -> None:
    """References and the order of time are checked when the demo is read."""
    (tmp_path / "demo/scenes").mkdir(parents=True)
    (tmp_path / "demo/outlets.yml").write_text((CONFIG / "demo/outlets.yml").read_text())
    (tmp_path / "demo/scenes/a.yml").write_text(scenes)
    with pytest.raises(ConfigError, match=fault):
        load_demo(tmp_path)
