"""A real local webhook receiver that remembers what it got."""

from __future__ import annotations

import json
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any


class Receiver:
    """Listens on a free port of 127.0.0.1 while it is entered; `messages` holds the JSON bodies in order."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.messages.append(json.loads(body) | {"_key": self.headers["Idempotency-Key"]})
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"

    def __enter__(self) -> Receiver:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def times(self) -> Counter[str]:
        """How often each transition was told."""
        return Counter(message["id"] for message in self.messages)

    def unmarked_repeats(self) -> list[str]:
        """Transitions told again without being marked as possibly repeated: there must be none."""
        seen: set[str] = set()
        wrong = []
        for message in self.messages:
            if message["id"] in seen and not message["possibly_repeated"]:
                wrong.append(message["headline"])
            seen.add(message["id"])
        return wrong
