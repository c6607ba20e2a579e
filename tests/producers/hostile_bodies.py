"""Bodies that are meant to do harm, each of a kind that has done some somewhere."""

from __future__ import annotations

import json

HEAD = b"<?xml version='1.0'?><rss version='2.0'><channel><title>Hostile</title>"
TAIL = b"</channel></rss>"


def item(title: str, guid: str = "g", summary: str = "") -> bytes:
    """Write one harmless entry."""
    text = f"<item><guid isPermaLink='false'>{guid}</guid><title>{title}</title><description>{summary}</description>"
    return f"{text}<link>/articles/{guid}</link></item>".encode()


def within(body: bytes, size: int) -> bytes:
    """Cut a body to a size."""
    return body[:size]


NESTED = HEAD + b"<a>" * 1_600_000  # takes 400 MB to read
MANY_ENTRIES = HEAD + b"<item/>" * 690_000  # takes 15 s to read
MILLION_ENTRIES = HEAD + b"<item><title>x</title></item>" * 1_000_000 + TAIL
_LAUGHS = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 10))
BILLION_LAUGHS = (
    f"<?xml version='1.0'?><!DOCTYPE r [<!ENTITY l0 'lol'>{_LAUGHS}]>"
    "<rss version='2.0'><channel><item><title>&l9;</title></item></channel></rss>"
).encode()
QUADRATIC_ENTITY = (
    b"<?xml version='1.0'?><!DOCTYPE r [<!ENTITY a \""
    + b"a" * 2_000_000
    + b"\">]><rss version='2.0'><channel><item><title>"
    + b"&a;" * 20_000
    + b"</title></item></channel></rss>"
)


def external_entity(target: str) -> bytes:
    """Ask the parser to read a file or an address into a title."""
    return (
        f"<?xml version='1.0'?><!DOCTYPE r [<!ENTITY x SYSTEM '{target}'><!ENTITY % p SYSTEM '{target}'> %p;]>"
        "<rss version='2.0'><channel><item><title>before &x; after</title></item></channel></rss>"
    ).encode()


LARGE_ENTRY = HEAD + item("Large", summary="a" * 50_000_000) + TAIL
NESTED_MARKUP = HEAD + item("Deep", summary="&lt;b&gt;" * 100_000) + TAIL
CONTROLS = HEAD + item("a\x00b\x01c\x07d\x0be\x1bf\x7fg\x85h\ufffei", "c\x00\x07") + TAIL
_NO_CHARACTERS = "a&#0;b&#7;c&#xD800;d&#xDFFF;e&#57343;f&#xFFFE;g&#1114112;h&#99999999999999999999;i&#x110000;j"
CONTROL_REFERENCES = HEAD + item(_NO_CHARACTERS) + TAIL
PAGE = b"<!doctype html><html><head><title>Are you a robot?</title></head><body><p>Please wait<br></body></html>"


def _declared(charset: str) -> bytes:
    return HEAD.replace(b"'1.0'", f"'1.0' encoding='{charset}'".encode(), 1)


CHARSETS = {  # each with the titles that are to be read from it
    "cp1251": (_declared("windows-1251") + "<item><title>Новости</title></item>".encode("cp1251") + TAIL, ("Новости",)),
    "one that does not exist": (_declared("klingon") + item("News") + TAIL, ("News",)),
    "one that is no text": (_declared("zlib_codec") + item("News") + TAIL, ("News",)),
    "another than it is in": (_declared("utf-16") + item("Новости") + TAIL, ("Новости",)),
    "none, in UTF-16": (b"\xff\xfe" + (HEAD + item("News") + TAIL).decode().encode("utf-16-le"), ("News",)),
    "half a character": (HEAD + item("News") + b"<item><title>\xc3</title></item>" + TAIL, ("News", "Ã")),
}
DEEP_JSON = b"[" * 2_000_000
WIDE_JSON = json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [[]] * 200_000}).encode()
