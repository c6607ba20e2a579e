"""Feed lists as OPML, ours and those of others."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given

from tests.treatywatch.test_feed_rows import lists
from treatywatch.errors import ConfigError
from treatywatch.feeds import Feed
from treatywatch.opml import read_opml, write_opml

FOREIGN = b"""<?xml version="1.0" encoding="UTF-8"?>
<opml version="1.0"><head><title>My feeds</title></head><body>
<outline text="Baltic"><outline text="Illustrative  Wire" type="rss" xmlUrl="https://wire.example.org/rss"
 htmlUrl="https://wire.example.org/" language="lt"/></outline>
<outline text="Illustrative Wire" type="rss" xmlUrl="https://wire.example.org/world" language="lithuanian"/>
<outline text="A page" type="link" url="https://page.example.org/"/>
<outline text="Broken" type="rss" xmlUrl="feed:nothing"/>
</body></opml>"""


def storable(feed: Feed) -> bool:
    """Say whether XML can hold a feed's texts."""
    return all(
        c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff")
        for text in (feed.outlet, feed.owner or "", feed.kind or "")
        for c in text
    )


@given(lists.map(lambda rows: [row for row in rows if storable(row)]))
def test_exported_list_is_imported_as_it_was(rows: list[Feed]) -> None:
    """All settings, in order."""
    read = read_opml(write_opml(rows), "list.opml")

    assert (read.feeds, read.faults) == (tuple(rows), ())


@given(lists)
def test_any_list_is_a_valid_document(rows: list[Feed]) -> None:
    """What XML cannot hold is left out of names."""
    root = ElementTree.fromstring(write_opml(rows))

    assert (root.tag, root.get("version"), len(root.findall("body/outline"))) == ("opml", "2.0", len(rows))


def test_other_reader_finds_what_opml_has_words_for() -> None:
    """type, text, title, xmlUrl, language, category."""
    feed = Feed(id="one", url="https://news.example.org/?a=1&b=2", outlet="A < B", language="lt", kind="wire")
    (outline,) = ElementTree.fromstring(write_opml([feed])).findall("body/outline")

    assert {key: value for key, value in outline.attrib.items() if "{" not in key} == {
        "type": "rss",
        "text": "A < B",
        "title": "A < B",
        "xmlUrl": "https://news.example.org/?a=1&b=2",
        "language": "lt",
        "category": "/wire",
    }


def test_list_from_elsewhere_is_read_as_far_as_it_goes() -> None:
    """Folders are entered, ids made, an unknown language left out; what is no feed of ours is named."""
    taken = [Feed(id="illustrative-wire", url="https://a.example.org/", outlet="A")]
    read = read_opml(FOREIGN, "theirs.opml", taken)

    assert [(f.id, f.outlet, f.language, f.verified) for f in read.feeds] == [
        ("illustrative-wire-2", "Illustrative Wire", "lt", False),
        ("illustrative-wire-3", "Illustrative Wire", "en", False),
    ]
    assert len(read.faults) == 1
    assert read.faults[0].startswith("theirs.opml: 'Broken': url: ")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"<!DOCTYPE opml [<!ENTITY a 'ha'><!ENTITY b '&a;&a;'>]><opml><body>&b;</body></opml>", "document type"),
        (b"<rss version='2.0'/>", "root is 'rss'"),
        (b"feeds: []", "well-formed"),
        (b" " * 10_000_001, "10,000,000 bytes"),
    ],
    ids=["entity-bomb", "rss", "yaml", "huge"],
)
def test_file_that_is_no_list_is_named(data: bytes, said: str) -> None:
    """One line that says what is wrong with it."""
    with pytest.raises(ConfigError, match=said):
        read_opml(data, "list.opml")
