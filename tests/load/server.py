"""The publishers of the load run: one server for every host name, in a process of its own, with its own book.

    python -m tests.load.server PLAN PORT BOOK

Each request becomes a line of the book, a JSON list: when it came, when it was answered, the feed, the status, and what
was served as a list of [item, version] (empty for "not modified").
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from email.utils import formatdate, parsedate_to_datetime
from pathlib import Path

from aiohttp import web

from tests.load.world import Plan, Source, world


class Publishers:
    """Answers every feed of the world, and writes down what it was asked and what it said."""

    def __init__(self, sources: list[Source], book: Path) -> None:
        self._by_place = {(source.host, source.path): source for source in sources}
        self._book = book.open("w", buffering=1, encoding="ascii")

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        came = time.time()
        source = self._by_place.get((request.host.partition(":")[0], request.path))
        if source is None:
            self._note(came, request.host + request.path, 404, [])
            return web.Response(status=404)
        headers = {"Content-Type": "application/xml" if source.form != "json" else "application/feed+json"}
        if source.fresh:
            headers["Cache-Control"] = f"max-age={source.fresh}"
        shown = source.versions(came)
        tag = '"' + hashlib.sha256(repr(shown).encode()).hexdigest()[:16] + '"'
        changed = source.changed(came)
        same = False
        if source.validator == "etag":
            headers["ETag"] = tag
            same = request.headers.get("If-None-Match") == tag
        if source.validator == "date":
            headers["Last-Modified"] = formatdate(changed, usegmt=True)
            since = request.headers.get("If-Modified-Since")
            same = since is not None and parsedate_to_datetime(since).timestamp() >= changed
        if same:
            self._note(came, source.id, 304, [])
            return web.Response(status=304, headers=headers)
        body = source.body(came)
        self._note(came, source.id, 200, shown)
        return web.Response(body=body, headers=headers)

    def _note(self, came: float, feed: str, status: int, shown: list[tuple[int, int]]) -> None:
        line = json.dumps([round(came, 4), round(time.time(), 4), feed, status, shown], separators=(",", ":"))
        self._book.write(line + "\n")


def main() -> None:
    """Serve until killed."""
    plan = Plan(**json.loads(sys.argv[1]))
    application = web.Application()
    application.router.add_get("/{path:.*}", Publishers(world(plan), Path(sys.argv[3])).answer)
    web.run_app(application, host="127.0.0.1", port=int(sys.argv[2]), print=None, access_log=None)


if __name__ == "__main__":
    main()
