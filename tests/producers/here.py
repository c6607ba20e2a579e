"""A reader of feeds for tests that are not about processes: it reads where it stands."""

from __future__ import annotations

from producers.entries import Parsed, Unparsable
from producers.pages import read_page
from producers.parse import parse


class Here:
    """Reads in this process."""

    async def parse(
        self, body: bytes, url: str, content_type: str, language: str = "", page: bool = False
    ) -> Parsed | Unparsable:
        """Read a body."""
        if page:
            return read_page(body, url)
        return parse(body, url, content_type, language)
