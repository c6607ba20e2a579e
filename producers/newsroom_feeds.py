"""Write the demo newsroom's feeds: RSS 2.0, Atom 1.0 and JSON Feed 1.1. Pure: articles in, bytes out.

An edited article keeps its guid and its date of publication and gets a new title, summary and time of update. Every
feed says in its title and description that it is illustrative.
"""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from xml.etree import ElementTree as ET

from treatywatch.demo import Article, Outlet, feed_path

CONTENT_TYPES = {
    "rss": "application/rss+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "json": "application/feed+json; charset=utf-8",
}
NOTE = "Illustrative: this outlet does not exist and its texts were written to demonstrate treatywatch."
_ATOM = "http://www.w3.org/2005/Atom"

ET.register_namespace("atom", _ATOM)


def render(outlet: Outlet, articles: Sequence[Article], base_url: str) -> bytes:
    """Write the outlet's feed with these articles, newest first, in the outlet's format."""
    write = {"rss": _rss, "atom": _atom, "json": _json}[outlet.format]
    return write(outlet, articles, base_url)


def article_path(article: Article) -> str:
    """Return where the newsroom serves the article itself."""
    return f"/articles/{article.outlet.id}/{article.story}"


def changed(articles: Sequence[Article]) -> datetime | None:
    """Return when the feed last changed, in the time of the story; none for an empty feed."""
    return max((article.updated for article in articles), default=None)


def _rss(outlet: Outlet, articles: Sequence[Article], base_url: str) -> bytes:
    root = ET.Element("rss", version="2.0")
    channel = ET.SubElement(root, "channel")
    _add(channel, "title", outlet.name)
    _add(channel, "link", f"{base_url}/")
    _add(channel, "description", NOTE)
    _add(channel, "language", outlet.language)
    ET.SubElement(
        channel, f"{{{_ATOM}}}link", href=base_url + feed_path(outlet), rel="self", type="application/rss+xml"
    )
    for article in articles:
        item = ET.SubElement(channel, "item")
        _add(item, "title", article.title)
        _add(item, "link", base_url + article_path(article))
        _add(item, "description", f"<p>{html.escape(article.summary)}</p>")
        _add(item, "guid", article.guid).set("isPermaLink", "false")
        _add(item, "pubDate", format_datetime(article.published, usegmt=True))
        if article.revision > 1:
            _add(item, f"{{{_ATOM}}}updated", article.updated.isoformat())
    return _bytes(root)


def _atom(outlet: Outlet, articles: Sequence[Article], base_url: str) -> bytes:
    def tag(name: str) -> str:
        return f"{{{_ATOM}}}{name}"

    root = ET.Element(tag("feed"))
    _add(root, tag("title"), outlet.name)
    _add(root, tag("subtitle"), NOTE)
    _add(root, tag("id"), f"tag:newsroom.invalid,2025:{outlet.id}")
    ET.SubElement(root, tag("link"), rel="self", href=base_url + feed_path(outlet))
    latest = changed(articles)
    _add(root, tag("updated"), latest.isoformat() if latest else "2025-01-01T00:00:00+00:00")
    _add(ET.SubElement(root, tag("author")), tag("name"), outlet.name)
    for article in articles:
        entry = ET.SubElement(root, tag("entry"))
        _add(entry, tag("title"), article.title)
        _add(entry, tag("id"), article.guid)
        ET.SubElement(entry, tag("link"), rel="alternate", href=base_url + article_path(article))
        _add(entry, tag("published"), article.published.isoformat())
        _add(entry, tag("updated"), article.updated.isoformat())
        _add(entry, tag("summary"), f"<p>{html.escape(article.summary)}</p>").set("type", "html")
    return _bytes(root)


def _json(outlet: Outlet, articles: Sequence[Article], base_url: str) -> bytes:
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": outlet.name,
        "description": NOTE,
        "home_page_url": f"{base_url}/",
        "feed_url": base_url + feed_path(outlet),
        "language": outlet.language,
        "items": [
            {
                "id": article.guid,
                "url": base_url + article_path(article),
                "title": article.title,
                "summary": article.summary,
                "content_html": f"<p>{html.escape(article.summary)}</p>",
                "date_published": article.published.isoformat(),
                "date_modified": article.updated.isoformat(),
            }
            for article in articles
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def _add(parent: ET.Element, tag: str, text: str) -> ET.Element:
    child = ET.SubElement(parent, tag)
    child.text = text
    return child


def _bytes(root: ET.Element) -> bytes:
    ET.indent(root, " ")
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"
