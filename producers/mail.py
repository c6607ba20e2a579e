"""Read one mail, an RFC 5322 message as bytes: its text, when it was sent, and whether its sender is trusted. Pure.

A mail is hostile input: every header is capped before it is looked at, only so many parts are walked, a charset that
does not exist is read as UTF-8, and attachments are never opened.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import HeaderParseError, MessageError
from email.header import decode_header
from email.message import Message
from email.utils import parseaddr

from producers.manners import http_date
from producers.text import MAX_MARKUP, one_line, plain

MAX_HEADER = 2_000  # characters of a header that are read
MAX_PARTS = 50

_DOMAIN = re.compile(r"[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8}")
_PASS = re.compile(r"\b(dkim|dmarc)\s*=\s*pass\b([^;]*)", re.IGNORECASE)
_FAIL = re.compile(r"\b(?:dkim|dmarc)\s*=\s*(?:fail|permerror|policy)\b", re.IGNORECASE)
_SIGNED_BY = re.compile(r"\bheader\.(?:d|from|i)\s*=\s*\"?@?([a-z0-9.-]{3,255})", re.IGNORECASE)


class MailError(ValueError):
    """Bytes that are no mail."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail; `sender` is the domain of its From, and `results` its Authentication-Results, the newest first."""

    sender: str | None
    subject: str
    text: str
    sent: datetime | None
    results: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose mails are taken: `domains` and what is below them, as `authority`, our own mail server, has found.

    Without an authority only the From is compared, and anybody can write that; what a server found to be forged is
    refused all the same.
    """

    domains: tuple[str, ...]
    authority: str | None = None

    def refusal(self, mail: Mail) -> str | None:
        """Return why a mail is not taken, or none."""
        if mail.sender is None or not _below(mail.sender, self.domains):
            return f"its From is of {mail.sender or 'nobody'}, not of {', '.join(self.domains)}"
        if self.authority is None:
            forged = any(_FAIL.search(found) for found in mail.results)
            return "a server on its way found its signature to be false" if forged else None
        for found in mail.results:
            name, _, verdicts = found.partition(";")
            if name.split()[:1] != [self.authority]:
                continue  # anybody may write the header of another server
            signers = [by[1].lower() for _, rest in _PASS.findall(verdicts) for by in _SIGNED_BY.finditer(rest)]
            if any(_aligned(signer, mail.sender) for signer in signers):
                return None
            return f"{self.authority} has not found it to be signed by {mail.sender}"
        return f"it carries no Authentication-Results of {self.authority}"


def read_mail(data: bytes) -> Mail:
    """Read a mail. Raises MailError where it is none."""
    try:
        message = message_from_bytes(data)
        froms = [_header(value) for value in message.get_all("From", ())][:2]
        return Mail(
            sender=_domain(froms[0]) if len(froms) == 1 else None,  # two of them are a trick
            subject=one_line(_header(message.get("Subject", "")), MAX_HEADER),
            text=_text(message),
            sent=_sent(message.get("Date")),
            results=tuple(_header(value) for value in message.get_all("Authentication-Results", ())[:20]),
        )
    except (MessageError, ValueError, LookupError, RecursionError, TypeError, AttributeError) as error:
        raise MailError(f"{type(error).__name__}: {error}"[:300]) from error


def _header(value: object) -> str:
    written = str(value)[:MAX_HEADER]
    try:
        parts = decode_header(written)
    except HeaderParseError:
        return written
    return "".join(_decoded(text, charset) if isinstance(text, bytes) else text for text, charset in parts)


def _decoded(data: bytes, charset: str | None) -> str:
    try:
        return data.decode(charset or "utf-8", errors="replace")
    except (LookupError, ValueError):
        return data.decode("utf-8", errors="replace")


def _domain(written: str) -> str | None:
    domain = parseaddr(written)[1].rpartition("@")[2].strip().rstrip(".").lower()
    return domain if _DOMAIN.fullmatch(domain) else None


def _sent(written: object) -> datetime | None:
    moment = http_date(str(written)[:200]) if written else None
    return moment.astimezone(UTC) if moment else None


def _text(message: Message) -> str:
    """Return the plain text of a mail, else the text of its HTML, line by line."""
    plains: list[str] = []
    pages: list[str] = []
    for part in _parts(message):
        kind = part.get_content_type()
        if kind in ("text/plain", "text/html") and part.get_content_disposition() != "attachment":
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes):
                text = _decoded(payload[: 4 * MAX_MARKUP], part.get_content_charset())[:MAX_MARKUP]
                (plains if kind == "text/plain" else pages).append(text)
    if any(text.strip() for text in plains):
        return "\n".join(plains)
    # Lines matter here, and the sanitiser knows none: each block of the page is a line of its own.
    blocks = re.split(r"(?i)<(?:br|/?p|/?div|/?t[rd]|/?li|/?h[1-6])\b[^<>]*>", "\n".join(pages))
    return "\n".join(plain(block, MAX_MARKUP) for block in blocks[: MAX_MARKUP // 10])


def _parts(message: Message) -> Iterator[Message]:
    """Yield the parts that hold no parts, the first MAX_PARTS of all, without descending by recursion."""
    waiting, seen = [message], 0
    while waiting and seen < MAX_PARTS:
        part = waiting.pop()
        seen += 1
        payload = part.get_payload()
        if isinstance(payload, list):
            waiting.extend(reversed([child for child in payload[:MAX_PARTS] if isinstance(child, Message)]))
        else:
            yield part


def _below(domain: str, trusted: Sequence[str]) -> bool:
    return any(domain == one or domain.endswith(f".{one}") for one in (name.lower().strip("@. ") for name in trusted))


def _aligned(signer: str, sender: str) -> bool:
    """Say whether a signer speaks for a sender: the same domain, or the one above it (RFC 7489, relaxed)."""
    return signer == sender or (sender.endswith(f".{signer}") and signer.count(".") >= 1)
