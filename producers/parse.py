"""Read the bytes of a feed, RSS 0.9x to 2.0, RDF, Atom, JSON Feed or a news sitemap, as entries of plain text.

Pure. feedparser does the reading with its sanitising and its resolving of addresses off: both re-read every text in
Python, and we take text with a sanitiser and resolve the few links ourselves. Two traps of it are avoided here: given
bytes that are the name of a file it opens that file, so it only ever gets a stream; and UTF-16 with nothing but a byte
order mark gives it no entries, so that is decoded beforehand.
"""

from __future__ import annotations

import codecs
import io
import re
from dataclasses import replace
from typing import Any
from urllib.parse import urljoin

import feedparser
from feedparser.api import PREFERRED_XML_PARSERS

from producers import jsonfeed, sitemap
from producers.dates import DateReader
from producers.doctype import without_unsafe_entities
from producers.entries import MAX_SUMMARY, MAX_TITLE, FeedEntry, Parsed, Unparsable, collect, titled
from producers.links import resolve
from producers.quiet import read_quiet
from producers.text import one_line, plain

PREFERRED_XML_PARSERS.insert(0, "producers.expat_driver")

_CHARSET = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_GUID = re.compile(rb"<guid\b")
_OPAQUE_GUID = re.compile(rb"""<guid\b[^<>]*?\b(?i:ispermalink)\s*=\s*["'](?!true["'])""")
_DECLARED = re.compile(r"^(\s*<\?xml[^>]*?)\s+encoding\s*=\s*(\"[^\"]*\"|'[^']*')", re.IGNORECASE)

# Perhaps a reference to no character: half of one of UTF-16, or a number beyond them all.
_REFERENCE = re.compile(rb"&#(?:[xX](0*[dD][89a-fA-F][0-9a-fA-F]{2}|[0-9a-fA-F]{6,})|(0*5[5-7][0-9]{3}|[0-9]{7,}));")
# Written in single bytes, it is not in what it declares; .NET writes such documents when it is asked for a string.
_WIDE = re.compile(
    rb"^(\s*<\?xml[^>]{0,200}?)\s+encoding\s*=\s*[\"'](?:utf-?(?:16|32)|ucs-?[24]|unicode)[^\"']{0,10}[\"']",
    re.IGNORECASE,
)


def parse(body: bytes, url: str, content_type: str = "", language: str = "") -> Parsed | Unparsable:
    """Read a feed that was fetched from `url`; `language` is that of the names of months in it.

    An entry that cannot be read is set aside in `bad` and never spoils the rest; a feed without a readable entry among
    those it has is Unparsable, and so is a body that is no feed. A feed with no entries at all is a feed.
    """
    start = body.lstrip(codecs.BOM_UTF8 + b" \t\r\n")[:1]
    if start in (b"{", b"["):
        return jsonfeed.parse(body, url)
    body, charset = _characters(body, content_type)
    if sitemap.is_sitemap(body):
        return sitemap.parse(body, url)
    found = _feed(body, charset, url)
    if isinstance(found, Unparsable):
        return found
    typed, dates = _is_typed(found), DateReader(language)
    read = collect(
        found.entries,
        lambda raw: titled(fields(raw, url, typed, dates)),
        ttl_seconds=_wish(found.feed),
        hub=_hub(found.feed),
    )
    return read if isinstance(read, Unparsable) else replace(read, quiet=read_quiet(body))


def read_fields(body: bytes, url: str, content_type: str = "") -> tuple[FeedEntry, ...] | Unparsable:
    """Return every entry of an XML feed as it is written, also those without a text, whose title is then empty."""
    found = _feed(*_characters(body, content_type), url)
    if isinstance(found, Unparsable):
        return found
    dates = DateReader()
    return tuple(fields(raw, url, _is_typed(found), dates) for raw in found.entries)


def fields(raw: Any, url: str, typed: bool, dates: DateReader) -> FeedEntry:
    """Return an entry of feedparser's as plain text, before anybody asks whether it holds any.

    With `typed`, what the feed declares to be plain text is taken at its word.
    """
    guid = raw.get("id")
    content: Any = next((c for c in raw.get("content") or () if c.get("value")), {})
    has_summary = bool(raw.get("summary"))
    summary, detail = (raw.summary, raw.get("summary_detail")) if has_summary else (content.get("value"), content)
    published, changed = dates.of(raw)
    return FeedEntry(
        title=_text(raw.get("title"), raw.get("title_detail"), typed, MAX_TITLE),
        summary=_text(summary, detail, typed, MAX_SUMMARY),
        guid=str(guid).strip() if guid else None,
        link=resolve(raw.get("link"), url),
        published=published,
        changed=changed and typed,  # RSS and RDF have one date, dc:date among them, which feedparser calls updated
    )


def _feed(body: bytes, charset: str, url: str) -> Any:
    """Return what feedparser finds, with addresses relative to `url`.

    It resolves every element's base against the one before, for a quarter of its time. Without a base to begin with it
    does not; what it then leaves relative, we resolve, but it does not tell which guids of RSS are addresses. Only a
    feed in which some are and some are not gets its base.
    """
    headers = {"content-type": f"application/xml{charset}"}
    identifiers, opaque = len(_GUID.findall(body)), len(_OPAQUE_GUID.findall(body))
    if mixed := 0 < opaque < identifiers:
        headers["content-location"] = url
    try:
        found = feedparser.parse(
            io.BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
    except MemoryError:
        raise  # the reader's process is at its limit; nothing that follows can be trusted
    except Exception as error:  # a feed is hostile input, and whatever it does to the library is the feed's failure
        return Unparsable("malformed", f"{type(error).__name__}: {error}"[:300])
    trouble = found.get("bozo_exception") if found.get("bozo") else None
    if isinstance(trouble, feedparser.CharacterEncodingOverride):
        trouble = None  # read all the same
    if not found.entries and (trouble is not None or not found.get("version")):
        why = (
            f"{type(trouble).__name__}: {trouble}"
            if trouble is not None
            else "no RSS, RDF, Atom, JSON Feed or news sitemap"
        )
        return Unparsable("malformed" if found.get("version") else "not_a_feed", why[:300])
    if not mixed and not opaque:
        for raw in found.entries:
            if guid := raw.get("id"):
                raw["id"] = _joined(url, guid)
    return found


def _joined(url: str, guid: str) -> str:
    try:
        return urljoin(url, guid)
    except ValueError:  # "http://["
        return guid


def _is_typed(found: Any) -> bool:
    """Say whether the format declares the type of each text; in RSS nobody does, and everybody writes HTML."""
    return str(found.get("version") or "").startswith("atom")


def _text(value: object, detail: Any, typed: bool, limit: int) -> str:
    if not value:
        return ""
    as_is = typed and bool(detail) and detail.get("type") == "text/plain"
    return one_line(str(value), limit) if as_is else plain(str(value), limit)


def _wish(feed: Any) -> float | None:
    """Return the seconds that the feed asks to wait between polls, by `ttl` (minutes) or `sy:updatePeriod`."""
    periods = {"hourly": 3600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
    try:
        if ttl := feed.get("ttl"):
            return max(0.0, float(ttl) * 60)
        if period := periods.get(str(feed.get("sy_updateperiod", "")).strip().lower()):
            return period / max(1.0, float(feed.get("sy_updatefrequency") or 1))
    except ValueError:
        pass  # "ttl: soon" says nothing
    return None


def _hub(feed: Any) -> str | None:
    return next((str(link.get("href")) for link in feed.get("links") or () if link.get("rel") == "hub"), None)


def _to_a_character(reference: re.Match[bytes]) -> bytes:
    """Return a reference, or one to the replacement character; feedparser gives up a feed over one that is none."""
    digits = (reference[1] or reference[2]).lstrip(b"0")
    number = int(digits or b"0", 16 if reference[1] else 10) if len(digits) < 9 else -1
    return reference[0] if 0 <= number < 0xD800 or 0xDFFF < number <= 0x10FFFF else b"&#xFFFD;"


def _characters(body: bytes, content_type: str) -> tuple[bytes, str]:
    """Return the body and the charset parameter to read it by; the media type is left out, servers get it wrong.

    Bytes beyond ASCII that are valid UTF-8 are UTF-8, whatever the header or the XML declaration claims: by accident
    that does not happen, and feedparser would take undeclared XML that came as text/html for Latin-1. UTF-16 that
    says so by nothing but a byte order mark is decoded here.
    """
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = _DECLARED.sub(r"\1", body.decode("utf-16", errors="replace"), count=1)
        return text.encode("utf-8", errors="replace"), "; charset=utf-8"
    body = without_unsafe_entities(_WIDE.sub(rb"\1", body, count=1))
    if b"&#" in body:
        body = _REFERENCE.sub(_to_a_character, body)
    if not body.isascii():
        try:
            body.decode("utf-8")
        except UnicodeDecodeError:
            pass
        else:
            return body, "; charset=utf-8"
    found = _CHARSET.search(content_type)
    return body, f"; charset={found[1]}" if found else ""
