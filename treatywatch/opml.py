"""Feed lists as OPML 2.0, the format in which feed readers exchange them.

What OPML has no word for (owner, country, kind, our settings) is written in attributes of a namespace of our own, which
other readers ignore; so a list that was exported is imported as it was. A list from elsewhere is read as far as it
goes: the name of each feed is its outlet, and what is missing is left to the person who adds it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from treatywatch.errors import ConfigError
from treatywatch.feed_rows import free_id, make_feed
from treatywatch.feeds import Feed
from treatywatch.safe_xml import UnsafeXmlError, read_xml

NAMESPACE = "urn:treatywatch:feeds"
MAX_BYTES = 10_000_000
_INTERVALS = ("breaking", "interval_seconds", "min_interval_seconds", "max_interval_seconds")
_OWN = ("id", "owner", "country", "kind", "enabled", "verified", "illustrative", *_INTERVALS)
_LANGUAGE = "language"
_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what no XML document can hold

ElementTree.register_namespace("treatywatch", NAMESPACE)


@dataclass(frozen=True, slots=True)
class Outlines:
    """What an OPML file holds: its feeds, and a line for each outline that names a feed which cannot be used."""

    feeds: tuple[Feed, ...]
    faults: tuple[str, ...]


def write_opml(feeds: Iterable[Feed], title: str = "treatywatch") -> bytes:
    """Return the feeds as an OPML 2.0 document, in their order; their kind is also their category."""
    opml = Element("opml", {"version": "2.0"})
    SubElement(SubElement(opml, "head"), "title").text = title
    body = SubElement(opml, "body")
    for feed in feeds:
        attributes = {"type": "rss", "text": feed.outlet, "title": feed.outlet, "xmlUrl": feed.url}
        attributes |= {_LANGUAGE: feed.language}
        if feed.kind:
            attributes["category"] = f"/{feed.kind}"
        values = feed.model_dump(mode="json", include=set(_OWN), exclude_defaults=True)
        attributes |= {f"{{{NAMESPACE}}}{key}": _written(values[key]) for key in _OWN if key in values}
        SubElement(body, "outline", {key: _storable(value) for key, value in attributes.items()})
    ElementTree.indent(opml)
    written: bytes = ElementTree.tostring(opml, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def read_opml(data: bytes, name: str, taken: Sequence[Feed] = ()) -> Outlines:
    """Read an OPML document, its folders included, in order; `taken` are feeds whose ids are not to be given again.

    Raises ConfigError where it is no OPML, or XML with a document type. A language that is none of ours is left out.
    """
    if len(data) > MAX_BYTES:
        raise ConfigError([f"{name}: more than {MAX_BYTES:,} bytes; no list of feeds is that long"])
    try:
        root = read_xml(data)
    except UnsafeXmlError as error:
        raise ConfigError([f"{name}: {error}"]) from error
    if root.tag != "opml":
        raise ConfigError([f"{name}: its root is '{root.tag[:40]}', not 'opml'"])
    feeds: list[Feed] = []
    faults: list[str] = []
    ids = {feed.id for feed in taken}
    for outline in _outlines(root):
        try:
            feed = _feed(outline, ids)
        except ConfigError as error:
            faults.append(f"{name}: {_label(outline)!r}: {'; '.join(error.faults)}")
            continue
        ids.add(feed.id)
        feeds.append(feed)
    return Outlines(tuple(feeds), tuple(faults))


def _outlines(root: Element) -> Iterator[Element]:
    return (outline for outline in root.iter("outline") if outline.get("xmlUrl", "").strip())


def _feed(outline: Element, ids: set[str]) -> Feed:
    own = {key: value for key in _OWN if (value := outline.get(f"{{{NAMESPACE}}}{key}")) is not None}
    outlet = _label(outline)
    values: dict[str, object] = {"id": free_id(outlet, outline.get("xmlUrl", ""), ids), "verified": False, **own}
    if own and "verified" not in own:
        values["verified"] = True  # ours, and the default is not written
    values |= {"url": outline.get("xmlUrl", ""), "outlet": outlet}
    language = (outline.get(_LANGUAGE) or "").strip()
    try:
        return make_feed(**values, language=language or None)
    except ConfigError as error:
        if own or not language or not all(fault.startswith(_LANGUAGE) for fault in error.faults):
            raise
        return make_feed(**values)


def _label(outline: Element) -> str:
    label = outline.get("title") or outline.get("text") or outline.get("xmlUrl") or ""
    return label if outline.get(f"{{{NAMESPACE}}}id") else " ".join(label.split())


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _storable(text: str) -> str:
    return _NOT_XML.sub("", text)
