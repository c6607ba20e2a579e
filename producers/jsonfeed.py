"""Read JSON Feed 1.0 and 1.1."""

from __future__ import annotations

import codecs
from typing import Any

import msgspec

from producers.dates import from_iso
from producers.entries import MAX_SUMMARY, MAX_TITLE, FeedEntry, Parsed, Unparsable, collect, entry
from producers.links import resolve
from producers.text import plain


def parse(body: bytes, url: str) -> Parsed | Unparsable:
    """Read a JSON Feed that was fetched from `url`, in the same way as `parse.parse` reads the XML formats."""
    try:
        document = msgspec.json.decode(body.removeprefix(codecs.BOM_UTF8))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return Unparsable("malformed", f"no JSON: {error}"[:300])
    if not isinstance(document, dict) or "jsonfeed.org/version/" not in str(document.get("version", "")):
        return Unparsable("not_a_feed", "JSON, but without the version of a JSON Feed")
    items = document.get("items")
    if not isinstance(items, list):
        return Unparsable("malformed", "a JSON Feed without a list of items")
    return collect(items, lambda raw: _entry(raw, url), hub=_hub(document.get("hubs")))


def _entry(raw: Any, url: str) -> FeedEntry:
    if not isinstance(raw, dict):
        raise TypeError(f"an item is an object, not {type(raw).__name__}")
    guid = raw.get("id")
    changed = from_iso(raw.get("date_modified"))
    summary = _text(raw, "summary") or _text(raw, "content_text") or _text(raw, "content_html")
    return entry(
        title=plain(_text(raw, "title"), MAX_TITLE),
        summary=plain(summary, MAX_SUMMARY),
        guid=str(guid) if isinstance(guid, str | int | float) and not isinstance(guid, bool) else None,
        link=resolve(_text(raw, "url") or _text(raw, "external_url"), url),
        published=from_iso(raw.get("date_published")) or changed,
        changed=changed is not None and from_iso(raw.get("date_published")) is None,
    )


def _text(raw: dict[str, Any], key: str) -> str:
    value = raw.get(key)
    return value if isinstance(value, str) else ""


def _hub(hubs: object) -> str | None:
    first = hubs[0] if isinstance(hubs, list) and hubs else None
    return str(first["url"]) if isinstance(first, dict) and isinstance(first.get("url"), str) else None
