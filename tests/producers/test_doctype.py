"""Entities that a feed may not have, and those that it may."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.doctype import MAX_VALUE, without_unsafe_entities
from tests.producers.hostile_bodies import BILLION_LAUGHS, QUADRATIC_ENTITY, external_entity


@pytest.mark.parametrize(
    "declaration",
    [
        '<!ENTITY lol9 "&lol8;&lol8;">',
        "<!ENTITY lol9 'a > b &lol8;'>",
        '<!ENTITY x SYSTEM "file:///etc/hostname">',
        '<!ENTITY x PUBLIC "-//A//B" "http://127.0.0.1/">',
        '<!ENTITY % p SYSTEM "http://127.0.0.1/x.dtd">',
        '<!ENTITY % p "value">',
        "<!ENTITY\n x\n SYSTEM\n 'file:///etc/hostname'\n>",
        f'<!ENTITY a "{"a" * (MAX_VALUE + 1)}">',
    ],
)
def test_entity_of_entities_files_or_much_text_is_taken_out(declaration: str) -> None:
    """Whatever quotes and white space it is written with."""
    document = f"<!DOCTYPE rss [{declaration}]><rss/>".encode()

    assert without_unsafe_entities(document) == b"<!DOCTYPE rss []><rss/>"


@pytest.mark.parametrize(
    "document",
    [
        b'<!DOCTYPE rss [<!ENTITY copy "&#169;"><!ENTITY company "Illustrative > Ltd">]><rss/>',
        b'<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.com/rss-0.91.dtd"><rss/>',
        b"<rss><description>&lt;!ENTITY x SYSTEM 'y'&gt;</description></rss>",
    ],
)
def test_what_a_feed_may_have_stays(document: bytes) -> None:
    """The near misses: a name for a character, the document type of RSS 0.91, a text that speaks of entities."""
    assert without_unsafe_entities(document) == document


def test_attacks_have_nothing_left_to_expand() -> None:
    """They are as small as they came, or smaller."""
    assert b"&l8;&l8;" not in without_unsafe_entities(BILLION_LAUGHS)
    assert len(without_unsafe_entities(QUADRATIC_ENTITY)) < 3_000_000
    assert b"SYSTEM" not in without_unsafe_entities(external_entity("file:///etc/hostname"))


@given(st.binary(max_size=200), st.integers(0, 300))
def test_any_bytes_come_back_in_no_time(around: bytes, times: int) -> None:
    """Nothing is added, and nothing but declarations goes."""
    body = around + b"<!ENTITY a '" * times + around
    left = without_unsafe_entities(body)

    assert len(left) <= len(body)
    assert without_unsafe_entities(b"x" + around.replace(b"<!ENTITY", b"")) == b"x" + around.replace(b"<!ENTITY", b"")
