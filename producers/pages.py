"""May we read an article's page, and what does it say? Pure.

The rules are those of publishers: robots.txt (RFC 9309), and the reservation of text and data mining by the TDM
Reservation Protocol in its three places: the answer's header, the page's head, the site's `/.well-known/tdmrep.json`. A
page may be read only where none of them objects. Both libraries are of the extra `fulltext`.
"""

from __future__ import annotations

import fnmatch
import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import msgspec

from producers.entries import FeedEntry, Parsed, Unparsable
from producers.text import one_line

AGENT = "treatywatch"
MAX_PAGE_TEXT = 20_000  # characters; the setting may say less
RESERVED = "tdm_reserved"  # the reason of a page whose publisher reserves text and data mining
_HEAD = 100_000  # bytes in which a page says so
_META = re.compile(rb"<meta\s[^<>]{0,400}>", re.IGNORECASE)
_NAME = re.compile(rb"""\bname\s*=\s*["']?tdm-reservation["'\s/>]""", re.IGNORECASE)
_ONE = re.compile(rb"""\bcontent\s*=\s*["']?\s*1\b""", re.IGNORECASE)


class _Rule(msgspec.Struct, frozen=True):
    location: str
    reservation: int = msgspec.field(name="tdm-reservation", default=0)


@dataclass(frozen=True, slots=True)
class SiteRules:
    """What a site says in robots.txt and tdmrep.json; `closed` where it could not be asked, which forbids."""

    robots: str = ""
    reserved: tuple[str, ...] = field(default=())
    closed: bool = False

    def objection(self, url: str) -> str | None:
        """Return why a page may not be read, or none."""
        if self.closed:
            return "its site could not be asked for its rules"
        if self.robots:
            from protego import Protego

            if not Protego.parse(self.robots).can_fetch(url, AGENT):
                return "robots.txt of its site forbids it"
        path = urlsplit(url).path or "/"
        if any(fnmatch.fnmatchcase(path, pattern) for pattern in self.reserved):
            return "its site reserves text and data mining"
        return None


def read_tdmrep(body: bytes) -> tuple[str, ...]:
    """Return the patterns of paths that a tdmrep.json reserves; everything, where it is no such file."""
    try:
        rules = msgspec.json.decode(body, type=list[_Rule], strict=False)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ("*",)
    return tuple(rule.location.rstrip("$") or "/*" for rule in rules if rule.reservation == 1)


def read_page(body: bytes, url: str) -> Parsed | Unparsable:
    """Return the main text of a page as the summary of a single entry. Expects the extra `fulltext`."""
    if any(_NAME.search(tag) and _ONE.search(tag) for tag in _META.findall(body[:_HEAD])):
        return Unparsable(RESERVED, "the page reserves text and data mining")
    import trafilatura  # half a second and 60 MB, only where somebody asked for it

    text = trafilatura.extract(body, url=url, include_comments=False, include_tables=False, favor_precision=True)
    line = one_line(text or "", MAX_PAGE_TEXT)
    if not line:
        return Unparsable("no_text", "no main text is found on the page")
    return Parsed((FeedEntry(title=line[:100], summary=line, link=url),))
