"""From the bytes of a feed to entries of plain text. The feeds are illustrative."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from xml.sax import ContentHandler, make_parser
from xml.sax.saxutils import escape
from xml.sax.xmlreader import InputSource

import pytest
from feedparser.api import PREFERRED_XML_PARSERS
from hypothesis import given
from hypothesis import strategies as st

from producers.entries import MAX_ENTRIES, FeedEntry, Parsed, Unparsable
from producers.parse import parse
from producers.text import plain
from tests.producers.feed_server import rss

URL = "https://news.example.org/feeds/world.xml"
WHEN = datetime(2025, 6, 18, 10, 0, tzinfo=UTC)

RSS_20 = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel>
<title>Illustrative</title><ttl>30</ttl><atom:link rel="hub" href="https://hub.example.org/"/>
<item><title>Parliament &amp;amp; president: &lt;b&gt;out&lt;/b&gt; of the treaty</title>
<link>/a/1?utm_source=rss&amp;id=7</link><guid isPermaLink="false">g-1</guid>
<description><![CDATA[<p>First.</p><p>Second.</p><script>alert(1)</script>]]></description>
<pubDate>Wed, 18 Jun 2025 13:00:00 +0300</pubDate></item></channel></rss>"""

RSS_091 = """<?xml version="1.0" encoding="ISO-8859-1"?>
<rss version="0.91"><channel><title>Illustrative</title>
<item><title>Le S\xe9nat vote</title><link>https://news.example.org/a/2</link><description>Texte.</description></item>
</channel></rss>""".encode("latin-1")

RDF = """<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"><title>Illustrative</title></channel>
<item rdf:about="https://news.example.org/a/3"><title>Vote in the capital</title>
<link>https://news.example.org/a/3</link><dc:date>2025-06-18T10:00:00Z</dc:date></item></rdf:RDF>"""

ATOM = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Illustrative</title>
<entry><id>tag:news.example.org,2025:4</id><title type="html">Saeima &lt;i&gt;votes&lt;/i&gt;</title>
<link rel="alternate" href="../a/4"/><updated>2025-06-18T12:00:00+02:00</updated>
<content type="html">&lt;p&gt;Whole text.&lt;/p&gt;</content></entry></feed>"""

JSON_FEED = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Illustrative",
        "items": [
            {
                "id": 5,
                "url": "/a/5",
                "content_html": "<p>Only <b>text</b>.</p>",
                "date_published": "2025-06-18T10:00:00Z",
            }
        ],
    }
)


def entries(body: bytes | str, content_type: str = "") -> tuple[FeedEntry, ...]:
    parsed = parse(body.encode() if isinstance(body, str) else body, URL, content_type)
    assert isinstance(parsed, Parsed), parsed
    return parsed.entries


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            RSS_20,
            FeedEntry(
                title="Parliament & president: out of the treaty",
                summary="First. Second.",
                guid="g-1",
                link="https://news.example.org/a/1?id=7",
                published=WHEN,
            ),
        ),
        (RSS_091, FeedEntry(title="Le Sénat vote", summary="Texte.", link="https://news.example.org/a/2")),
        (
            RDF,
            FeedEntry(
                title="Vote in the capital",
                guid="https://news.example.org/a/3",
                link="https://news.example.org/a/3",
                published=WHEN,
            ),
        ),
        (
            ATOM,
            FeedEntry(
                title="Saeima votes",
                summary="Whole text.",
                guid="tag:news.example.org,2025:4",
                link="https://news.example.org/a/4",
                published=WHEN,
                changed=True,
            ),
        ),
        (
            JSON_FEED,
            FeedEntry(
                title="Only text.",
                summary="Only text.",
                guid="5",
                link="https://news.example.org/a/5",
                published=WHEN,
            ),
        ),
    ],
    ids=["rss-2.0", "rss-0.91-latin-1", "rdf", "atom", "json-feed"],
)
def test_entry_of_each_format_is_read(body: bytes | str, expected: FeedEntry) -> None:
    """Text without markup, links resolved and without trackers, times in UTC."""
    assert entries(body) == (expected,)


@pytest.mark.parametrize(("kind", "title"), [("text", "The <br> law & order"), ("html", "The law & order")])
def test_text_that_an_atom_feed_declares_to_be_plain_is_taken_at_its_word(kind: str, title: str) -> None:
    """And one that it declares to be HTML loses its markup; in RSS nobody declares, and everybody writes HTML."""
    said = f'<title type="{kind}">The &lt;br> law &amp; order</title>'
    assert entries(f'<feed xmlns="http://www.w3.org/2005/Atom"><entry>{said}</entry></feed>')[0].title == title
    rss_said = "<title>The &lt;br> law &amp; order</title>"
    rss_feed = f"<rss version='2.0'><channel><item>{rss_said}</item></channel></rss>"
    assert entries(rss_feed)[0].title == "The law & order"


def test_ttl_and_hub_are_read() -> None:
    """What the feed asks for itself."""
    parsed = parse(RSS_20.encode(), URL)

    assert isinstance(parsed, Parsed)
    assert (parsed.ttl_seconds, parsed.hub) == (1800, "https://hub.example.org/")


def test_feed_with_one_bad_entry_keeps_the_rest() -> None:
    """An entry without any text is set aside, and said so."""
    parsed = parse(rss(("1", "One", "x"), ("2", "", ""), ("3", "Three", "y")).encode(), URL)

    assert isinstance(parsed, Parsed)
    assert [entry.title for entry in parsed.entries] == ["One", "Three"]
    assert [bad.reason for bad in parsed.bad] == ["empty"]


def test_json_feed_with_one_bad_item_keeps_the_rest() -> None:
    """A number among the items is no item."""
    document = json.loads(JSON_FEED)
    document["items"].append(7)
    parsed = parse(json.dumps(document).encode(), URL)

    assert isinstance(parsed, Parsed)
    assert (len(parsed.entries), [bad.reason for bad in parsed.bad]) == (1, ["unreadable"])


def test_feed_with_only_bad_entries_is_a_failure() -> None:
    """Nothing to read where something is shown means that the feed or we are broken."""
    parsed = parse(rss(("1", "", ""), ("2", "", "")).encode(), URL)

    assert isinstance(parsed, Unparsable)
    assert parsed.reason == "all_bad"


def test_feed_without_entries_is_a_feed() -> None:
    """A near miss: nothing is shown, nothing is wrong."""
    assert entries(rss()) == ()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not_a_feed"),
        (b"<html><body><h1>Maintenance</h1></body></html>", "not_a_feed"),
        (b'{"error": "busy"}', "not_a_feed"),
        (b'{"version": "https://jsonfeed.org/version/1", "items": 3}', "malformed"),
        (b"{nope", "malformed"),
        (b"[" * 100_000, "malformed"),
        (b"<rss version='2.0'><channel><item><ti", "all_bad"),
        (b"\x00\x01\x02", "not_a_feed"),
    ],
)
def test_body_that_is_no_feed_is_a_failure(body: bytes, reason: str) -> None:
    """An error page must not look like a feed with nothing new."""
    parsed = parse(body, URL)

    assert isinstance(parsed, Unparsable)
    assert parsed.reason == reason


def test_body_that_names_a_file_does_not_open_it(tmp_path: Path) -> None:
    """feedparser opens a file whose name it is given as bytes; a hostile server could read ours."""
    secret = tmp_path / "secret.xml"
    secret.write_text(rss(("1", "secret", "x")), encoding="utf-8")

    assert isinstance(parse(str(secret).encode(), URL), Unparsable)


@pytest.mark.parametrize(
    "document",
    [
        "<!DOCTYPE r [<!ENTITY x SYSTEM 'file:///etc/hostname'>]>",
        "<!DOCTYPE r [<!ENTITY a 'ha'>"
        + "".join(f"<!ENTITY {b} '{('&' + a + ';') * 10}'>" for a, b in zip("abcdefgh", "bcdefghi", strict=True))
        + "]>",
    ],
    ids=["external-entity", "billion-laughs"],
)
def test_entity_is_not_expanded(document: str) -> None:
    """Neither files nor gigabytes come out of an entity."""
    name = "x" if "SYSTEM" in document else "i"
    body = f"{document}<rss version='2.0'><channel><item><title>A &{name}; b</title></item></channel></rss>"
    parsed = parse(body.encode(), URL)

    text = "".join(entry.title for entry in parsed.entries) if isinstance(parsed, Parsed) else ""
    assert len(text) < 100
    assert Path("/etc/hostname").read_text(encoding="utf-8").strip() not in text


def test_utf_16_without_a_declaration_is_read() -> None:
    """feedparser alone finds no entries in it."""
    body = rss(("1", "Žinios", "ž")).replace("<?xml version='1.0'?>", "").encode("utf-16")

    assert entries(body, "text/xml; charset=utf-8")[0].title == "Žinios"


@pytest.mark.parametrize("content_type", ["", "text/html", "text/xml", "application/rss+xml; charset=iso-8859-1"])
def test_undeclared_utf_8_is_read_as_such(content_type: str) -> None:
    """Whatever a server claims; feedparser alone makes Latin-1 of it where the type is wrong or missing."""
    assert entries(rss(("1", "Žinios ą", "ł")), content_type)[0].title == "Žinios ą"


def test_declared_legacy_charset_is_honoured() -> None:
    """A near miss: these bytes are no UTF-8."""
    body = rss(("1", "Сейм голосует", "x")).replace("<?xml version='1.0'?>", "").encode("cp1251")

    assert entries(body, "text/xml; charset=windows-1251")[0].title == "Сейм голосует"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Wed, 18 Jun 2025 10:00:00 GMT", WHEN),
        ("2025-06-18T10:00:00Z", WHEN),
        ("1750240800", WHEN),  # feedparser takes it for a day in 1750
        ("18 June, about ten", None),
        ("Mon, 01 Jan 0001 00:00:00 GMT", None),
        ("Mon, 01 Jan 9999 00:00:00 GMT", None),
    ],
)
def test_date_is_read_or_left_out(written: str, expected: datetime | None) -> None:
    """A date that makes no sense is none, never an error."""
    body = f"<rss version='2.0'><channel><item><title>T</title><pubDate>{written}</pubDate></item></channel></rss>"

    assert entries(body)[0].published == expected


@pytest.mark.parametrize("link", ["javascript:alert(1)", "mailto:a@b.c", "data:text/html,x", "http://[", ""])
def test_link_that_is_no_article_is_left_out(link: str) -> None:
    """Nothing that a page could run becomes a link on ours."""
    body = f"<rss version='2.0'><channel><item><title>T</title><link>{link}</link></item></channel></rss>"

    assert entries(body)[0].link is None


def test_entries_beyond_the_limit_are_set_aside_in_one() -> None:
    """A million entries cost as much as the limit allows."""
    parsed = parse(rss(*((str(n), f"T{n}", "") for n in range(MAX_ENTRIES + 5))).encode(), URL)

    assert isinstance(parsed, Parsed)
    assert len(parsed.entries) == MAX_ENTRIES
    assert [bad.reason for bad in parsed.bad] == ["over_limit"]


def test_deeply_nested_markup_takes_no_time() -> None:
    """The sanitiser is quadratic in depth; a hundred thousand nested elements would take half a minute."""
    assert plain("<i>" * 60_000 + "core", 100) in ("", "core")


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>left</p><p>right</p>", "left right"),
        ("le<b>ft</b>", "left"),
        ("5 < 10 &amp; 7 > 3", "5 < 10 & 7 > 3"),
        ("a&nbsp;b\n\t c", "a b c"),
        ("a\x00b\x07c", "a b c"),
        ("<style>p{}</style>x", "x"),
        ('<iframe src="https://video.example.org/1"/>the <b>vote</b>', "the vote"),
        ("<noscript>the <b>vote</b></noscript>", "the vote"),
        ("\ud800x", "x"),
        ("&lt;b&gt;", "<b>"),
    ],
)
def test_text_is_plain(markup: str, text: str) -> None:
    """Tags go, text stays, and nothing that no store can hold comes through."""
    assert plain(markup, 100) == text


@given(st.binary(max_size=300))
def test_any_bytes_give_a_value(body: bytes) -> None:
    """Parsing never raises."""
    assert isinstance(parse(body, URL), Parsed | Unparsable)


def _encoded_twice(text: str) -> bool:
    """Say whether a text is UTF-8 that was taken for Latin-1: feedparser mends it ("Ã©" becomes "é")."""
    try:
        return text.encode("iso-8859-1").decode("utf-8") != text
    except UnicodeError:
        return False


_letters = st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=1, max_size=30)
_plain = _letters.filter(lambda text: not _encoded_twice(text))


@given(st.lists(st.tuples(st.uuids().map(str), _plain, _plain), max_size=8))
def test_what_a_feed_says_comes_out_in_order(said: list[tuple[str, str, str]]) -> None:
    """Nothing vanishes and nothing is added, whatever the letters."""
    assert [(e.guid, e.title, e.summary) for e in entries(rss(*said))] == said


def test_text_that_was_encoded_twice_is_mended() -> None:
    """As some feeds do; a near miss, letters that only look like it, stays."""
    mended, kept = entries(rss(("1", "FranÃ§ais", "x"), ("2", "SÃO PAULO", "x")))

    assert (mended.title, kept.title) == ("Français", "SÃO PAULO")


@pytest.mark.parametrize(
    ("guids", "read"),
    [
        ("<guid>/a/1</guid>", ["https://news.example.org/a/1"]),
        ("<guid isPermaLink='true'>/a/1</guid>", ["https://news.example.org/a/1"]),
        ("<guid isPermaLink='false'>/a/1</guid>", ["/a/1"]),
        ('<guid isPermaLink="no">tag:1</guid>', ["tag:1"]),
        ("<guid>/a/1</guid>|<guid isPermaLink='false'>/a/2</guid>", ["https://news.example.org/a/1", "/a/2"]),
        ("<guid>HTTP://[</guid>", ["HTTP://["]),
    ],
)
def test_guid_is_an_address_unless_it_says_not(guids: str, read: list[str]) -> None:
    """As feedparser has it with a base; two ways lead there, and a feed that mixes both kinds takes the slower one."""
    items = "".join(f"<item>{guid}<title>One</title></item>" for guid in guids.split("|"))
    body = f"<rss version='2.0'><channel><title>Illustrative</title>{items}</channel></rss>".encode()
    parsed = parse(body, "https://news.example.org/feed", "text/xml")

    assert isinstance(parsed, Parsed)
    assert [entry.guid for entry in parsed.entries] == read


def test_reference_to_no_character_does_not_cost_the_feed() -> None:
    """Half a character of UTF-16, or a number beyond all; a real one near by is read."""
    title = "a&#xD83D;b&#57343;c&#1114112;d&#x0110000;e&#55295;f&#128512;g"
    read = parse(rss(("1", title, ""), ("2", "Two", "")).encode(), URL)

    assert isinstance(read, Parsed)
    assert [entry.title for entry in read.entries] == ["a\ufffdb\ufffdc\ufffdd\ufffde\ud7fff\U0001f600g", "Two"]


@pytest.mark.parametrize("charset", ["utf-16", "UTF-16LE", "unicode", "ucs-2"])
def test_single_bytes_that_claim_to_be_wide_are_read(charset: str) -> None:
    """The declaration was written by a program whose strings are wide, and the file by another."""
    body = rss(("1", "Один", "x")).replace("version='1.0'", f"version='1.0' encoding='{charset}'").encode()
    read = parse(body, URL)

    assert isinstance(read, Parsed)
    assert read.entries[0].title == "Один"


def test_text_is_handed_over_whole_however_many_entities_it_holds() -> None:
    """Expat cuts at each one by itself; escaped HTML is nothing but entities."""
    pieces: list[str] = []

    class Gathering(ContentHandler):
        def characters(self, content: str) -> None:
            pieces.append(content)

    reader = make_parser(PREFERRED_XML_PARSERS)
    reader.setContentHandler(Gathering())
    text = "<p>One</p> & another\n" * 500
    source = InputSource()
    source.setByteStream(io.BytesIO(f"<a>{escape(text)}</a>".encode()))
    reader.parse(source)

    assert pieces == [text]
