"""The webhook channel: POST the message as JSON to one address."""

from __future__ import annotations

import hashlib
from urllib.parse import urlsplit

import aiohttp
import msgspec

from sinks.notify.channel import Attempt, Outcome
from sinks.notify.message import Message
from treatywatch import __version__


def fault_of(url: str) -> str | None:
    """Say what is wrong with a webhook address, or none. Shows no more than its beginning: the rest may be a secret."""
    shown = url if len(url) <= 24 else url[:24] + "…"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        return f"notify.webhooks: {shown!r} is no address: {error}"
    if parts.scheme not in {"http", "https"}:
        return f"notify.webhooks: {shown!r} does not begin with http:// or https://"
    if not parts.hostname or port == 0 or any(character.isspace() or not character.isprintable() for character in url):
        return f"notify.webhooks: {shown!r} names no host; write it like https://chat.example.org/hook"
    return None


class Webhook:
    """One address. Any answer of 2xx means that the message was taken; a redirect is not followed.

    An answer of 4xx or 503, or no connection, means that it was certainly not taken; anything else (500, a gateway's
    502 or 504, a time-out, a cut connection) leaves it open.
    """

    def __init__(self, url: str, timeout_seconds: float) -> None:
        self._url = url
        self._timeout = aiohttp.ClientTimeout(total=timeout_seconds)
        self._session: aiohttp.ClientSession | None = None
        host = urlsplit(url).netloc.rpartition("@")[2]
        self.name = f"webhook {host} {hashlib.sha256(url.encode()).hexdigest()[:6]}"

    async def send(self, message: Message) -> Attempt:
        """Post once."""
        if self._session is None:
            # No connection is kept: one that the other side has closed meanwhile would leave every first message open.
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True))
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": message.id,
            "User-Agent": f"treatywatch/{__version__}",
        }
        try:
            async with self._session.post(
                self._url,
                data=msgspec.json.encode(message),
                headers=headers,
                timeout=self._timeout,
                allow_redirects=False,
            ) as answer:
                return judge(answer.status)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            return Attempt(Outcome.DOWN, f"no connection: {type(error).__name__}")
        except (aiohttp.ClientError, TimeoutError) as error:
            return Attempt(Outcome.UNKNOWN, f"cut off: {type(error).__name__}")

    async def close(self) -> None:
        """Close the session."""
        if self._session is not None:
            await self._session.close()


def judge(status: int) -> Attempt:
    """Read an answer's status."""
    if 200 <= status < 300:
        return Attempt(Outcome.SENT)
    if 300 <= status < 400:
        return Attempt(Outcome.REFUSED, f"answered {status}, a redirect; set notify.webhooks to the final address")
    if status in {404, 405, 410}:
        return Attempt(Outcome.REFUSED, f"answered {status}; check the address in notify.webhooks")
    if status in {401, 403}:
        return Attempt(Outcome.REFUSED, f"answered {status}; check the token in notify.webhooks")
    if status in {429, 503}:
        return Attempt(Outcome.DOWN, f"answered {status}, later")
    if 400 <= status < 500:
        return Attempt(Outcome.REFUSED, f"answered {status}")
    return Attempt(Outcome.UNKNOWN, f"answered {status}")
