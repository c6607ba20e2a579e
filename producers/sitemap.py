"""Read a news sitemap: a `<urlset>` whose addresses carry `news:news`, as publishers write them for search engines."""

from __future__ import annotations

import codecs
import re
from xml.etree.ElementTree import Element

from producers.dates import from_iso
from producers.entries import MAX_TITLE, FeedEntry, Parsed, Unparsable, collect, entry
from producers.links import resolve
from producers.text import plain
from treatywatch.safe_xml import UnsafeXmlError, read_xml

_LOOKED_AT = 4_096  # bytes in which the root element must begin
_ROOT = re.compile(rb"<(?:[\w.-]{1,40}:)?(?:urlset|sitemapindex)[\s/>]")
_BEFORE = ((b"<?", b"?>"), (b"<!--", b"-->"))  # what may stand before the root element
_NEWS = "sitemap-news"  # in the namespace, http or https, with or without a slash behind


def is_sitemap(body: bytes) -> bool:
    """Say whether a body begins as a sitemap or an index of sitemaps does."""
    rest = body[:_LOOKED_AT].removeprefix(codecs.BOM_UTF8).lstrip()
    while ending := next((ending for beginning, ending in _BEFORE if rest.startswith(beginning)), None):
        rest = rest.partition(ending)[2].lstrip()
    return _ROOT.match(rest) is not None


def parse(body: bytes, url: str) -> Parsed | Unparsable:
    """Read a news sitemap that was fetched from `url`, in the same way as `parse.parse` reads feeds.

    Addresses without `news:news` are pages, not news, and are passed over; a sitemap of nothing but pages is no feed.
    """
    try:
        root = read_xml(body)
    except UnsafeXmlError as error:
        return Unparsable("malformed", f"a sitemap: {error}"[:300])
    if _local(root) != "urlset":
        return Unparsable("not_a_feed", "an index of sitemaps; give the address of the news sitemap that it names")
    addresses = [child for child in root if _local(child) == "url"]
    news = [address for address in addresses if _news(address) is not None]
    if addresses and not news:
        return Unparsable("not_a_feed", "a sitemap of pages without news:news")
    return collect(news, lambda address: _entry(address, url))


def _entry(address: Element, url: str) -> FeedEntry:
    news = _news(address)
    assert news is not None
    published, changed = from_iso(_text(news, "publication_date")), from_iso(_text(address, "lastmod"))
    return entry(
        title=plain(_text(news, "title"), MAX_TITLE),
        summary="",
        guid=None,
        link=resolve(_text(address, "loc"), url),
        published=published or changed,
        changed=published is None and changed is not None,
    )


def _news(address: Element) -> Element | None:
    return next((child for child in address if _local(child) == "news" and _NEWS in child.tag), None)


def _text(parent: Element, name: str) -> str:
    return next(((child.text or "").strip() for child in parent if _local(child) == name), "")


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]
