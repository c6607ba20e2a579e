"""A driver for Python's XML reader that hands over text in whole pieces instead of one piece per entity.

Escaped HTML, which Atom feeds are full of, is cut at each `&lt;` otherwise: hundreds of calls for an article.
feedparser finds it by its list of preferred drivers (`feedparser.api.PREFERRED_XML_PARSERS`); `create_parser` is what
such a driver has to offer.
"""

from __future__ import annotations

from typing import Any
from xml.sax.expatreader import ExpatParser

BUFFER_BYTES = 65_536


class Buffered(ExpatParser):
    """Expat with its text buffer switched on."""

    def reset(self) -> None:
        """Make a fresh parser, as the one above does, and let it gather text."""
        super().reset()
        expat: Any = vars(self)["_parser"]
        expat.buffer_text = True
        expat.buffer_size = BUFFER_BYTES


def create_parser() -> ExpatParser:
    """Return a parser; called by `xml.sax.make_parser`."""
    return Buffered()
