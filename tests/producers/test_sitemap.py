"""News sitemaps, as publishers write them for search engines. The articles are illustrative."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.entries import FeedEntry, Parsed, Unparsable
from producers.parse import parse
from producers.sitemap import is_sitemap

URL = "https://news.example.org/sitemap-news.xml"
HEAD = "<?xml version='1.0' encoding='UTF-8'?>\n<!-- made by hand -->\n"
NEWS = (
    "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'"
    " xmlns:news='http://www.google.com/schemas/sitemap-news/0.9'>"
)


def article(
    title: str = "Saeima votes", date: str = "2025-06-18T13:00:00+03:00", loc: str = "/a/1?utm_source=x"
) -> str:
    return (
        f"<url><loc>{loc}</loc><news:news><news:publication><news:name>Illustrative</news:name>"
        f"<news:language>en</news:language></news:publication><news:publication_date>{date}</news:publication_date>"
        f"<news:title>{title}</news:title></news:news></url>"
    )


def sitemap(*articles: str) -> bytes:
    return f"{HEAD}{NEWS}{''.join(articles)}</urlset>".encode()


def read(body: bytes) -> Parsed:
    parsed = parse(body, URL, "application/xml")
    assert isinstance(parsed, Parsed), parsed
    return parsed


def test_article_is_read() -> None:
    """Title, link without trackers, and date; the publication's name is not the title."""
    assert read(sitemap(article("Saeima votes &amp; leaves"))).entries == (
        FeedEntry(
            title="Saeima votes & leaves",
            link="https://news.example.org/a/1",
            published=datetime(2025, 6, 18, 13, tzinfo=timezone(timedelta(hours=3))).astimezone(UTC),
        ),
    )


@pytest.mark.parametrize("date", ["2025-06-18", "2025-06-18T00:00Z", "2025-06-18T03:00:00.5+03:00"])
def test_date_of_each_w3c_form_is_read(date: str) -> None:
    """A day alone is its beginning in UTC."""
    published = read(sitemap(article(date=date))).entries[0].published

    assert published is not None
    assert published.replace(microsecond=0) == datetime(2025, 6, 18, tzinfo=UTC)


def test_article_without_a_date_has_the_one_of_its_page() -> None:
    """And none where there is neither."""
    page = article(date="soon").replace("</loc>", "</loc><lastmod>2025-06-18</lastmod>")

    assert read(sitemap(page)).entries[0].published == datetime(2025, 6, 18, tzinfo=UTC)
    assert read(sitemap(article(date="soon"))).entries[0].published is None


def test_sitemap_with_one_bad_article_keeps_the_rest() -> None:
    """Pages without news are passed over in silence; an article without a title is set aside."""
    parsed = read(sitemap(article("One"), "<url><loc>/about</loc></url>", article(" "), article("Three")))

    assert [entry.title for entry in parsed.entries] == ["One", "Three"]
    assert [bad.reason for bad in parsed.bad] == ["empty"]


def test_sitemap_without_articles_is_a_feed() -> None:
    """It holds the last two days only, and there may have been none."""
    assert read(sitemap()).entries == ()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (sitemap("<url><loc>/about</loc></url>"), "not_a_feed"),
        (f"{HEAD}<sitemapindex><sitemap><loc>/news.xml</loc></sitemap></sitemapindex>".encode(), "not_a_feed"),
        (sitemap(article())[:-20], "malformed"),
        (sitemap(article(" ")), "all_bad"),
        (sitemap("<url>" * 200 + "</url>" * 200), "malformed"),
        (sitemap().replace(b"<urlset", b"<!DOCTYPE urlset [<!ENTITY a 'b'>]><urlset"), "not_a_feed"),
    ],
    ids=["pages", "index", "truncated", "all-bad", "deep", "dtd"],
)
def test_sitemap_that_is_no_feed_is_a_failure(body: bytes, reason: str) -> None:
    """And the person is told which address to give instead."""
    parsed = parse(body, URL)

    assert isinstance(parsed, Unparsable)
    assert parsed.reason == reason


@pytest.mark.parametrize(
    ("start", "is_one"),
    [
        (b"<urlset>", True),
        (b"\xef\xbb\xbf\n<?xml version='1.0'?><?xml-stylesheet href='x'?><!-- a --><s:urlset xmlns:s='x'>", True),
        (b"<rss><urlset>", False),
        (b"<urlsets>", False),
        (b"<??>" * 2_000 + b"<urlset>", False),
        (b"<!-- <urlset> ", False),
    ],
)
def test_sitemap_is_known_by_its_root(start: bytes, is_one: bool) -> None:
    """Comments and instructions before it do not matter, unless they fill the beginning."""
    assert is_sitemap(start) is is_one


@given(st.binary(max_size=200))
def test_any_bytes_in_a_sitemap_give_a_value(inside: bytes) -> None:
    """Parsing never raises."""
    body = NEWS.encode() + b"<url><news:news>" + inside + b"</news:news></url></urlset>"

    assert isinstance(parse(body, URL), Parsed | Unparsable)
