"""A reader of feeds for tests that are not about processes: it reads where it stands."""

from __future__ import annotations

from producers.entries import Parsed, Unparsable
from producers.parse import parse


class Here:
    """Reads in this process."""

    async def parse(self, body: bytes, url: str, content_type: str, language: str = "") -> Parsed | Unparsable:
        """Read a body."""
        return parse(body, url, content_type, language)
