"""Read the fixed item line: one JSON object of a JSON Lines file -> `Item`, or the `DeadLetter` that says why not.

The form is a contract: `{"id"?, "title" | "text", "summary"?, "language"? | "lang"?, "published"? | "date"?,
"outlet"? | "outlets"?, "owner"?, "kind"?, "url"?, "revision"?, "fetched"?}`. Unknown keys are ignored. The same line
gives the same item whenever it is read (the clock only decides which dates lie in the future).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import msgspec
import structlog

from treatywatch.model import DeadLetter, Item
from treatywatch.wire import MAX_BYTES, digest

KEPT_BYTES = 512_000  # of a dead letter's original; the rest is told by length and SHA-256
DEFAULT_LANGUAGE = "en"  # of an item line that names none
FUTURE = timedelta(hours=48)  # beyond this a published date is a mistake of the source, not a time zone

Warn = Callable[[str], None]

_COMPACT = re.compile(r"\d{8}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class _Line(msgspec.Struct, frozen=True):
    """The keys as they may come; what is no date or name is judged one by one below."""

    id: str | int | None = None
    title: str | None = None
    text: str | None = None
    summary: str | None = None
    language: str | None = None
    lang: str | None = None
    published: object = None
    date: object = None
    outlet: str | None = None
    outlets: str | list[str] | None = None
    owner: str | None = None
    kind: str | None = None
    country: str | None = None
    url: str | None = None
    revision: int | None = None
    fetched: object = None
    illustrative: bool = False


_decoder = msgspec.json.Decoder(_Line)


class _Key(msgspec.Struct, frozen=True):
    id: object = None


_key_decoder = msgspec.json.Decoder(_Key)


def read_line(
    line: bytes, *, now: datetime | None = None, source: str = "-", stage: str = "produce", warn: Warn | None = None
) -> Item | DeadLetter:
    """Read one item line.

    Never raises. A line over 1 MB, no JSON, no object of this form, or without any text becomes a DeadLetter with
    reason `too_large`, `malformed`, `invalid` or `no_text`; its `key` is the line's id where that can be read. A date
    that cannot be read, or a `published` more than 48 h after `now` (default: the clock), is left out with a warning.
    """
    now = now or datetime.now(UTC)
    warn = warn or _warn
    line = line.strip()
    if len(line) > MAX_BYTES:
        return _dead(
            line,
            "too_large",
            f"{len(line)} bytes, at most {MAX_BYTES} are allowed",
            now,
            source,
            stage,
            key=_key_of(line),
        )
    try:
        got = _decoder.decode(line)
    except msgspec.ValidationError as error:
        return _dead(line, "invalid", str(error), now, source, stage, key=_key_of(line))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return _dead(line, "malformed", str(error), now, source, stage)
    key = None if got.id is None else _tidy(str(got.id)) or None
    title, summary = _tidy(got.title or "") or _tidy(got.text or ""), _tidy(got.summary or "")
    if not title and not summary:
        return _dead(line, "no_text", "neither title nor text holds a character", now, source, stage, key=key)
    if got.revision is not None and got.revision < 1:
        return _dead(line, "invalid", f"revision {got.revision}; it counts from 1", now, source, stage, key=key)
    written = got.published if got.published not in (None, "") else got.date
    published = _when(written, "published", key, warn)
    if published is not None and published > now + FUTURE:
        warn(f"item {key or title[:60]!r}: published {published.isoformat()} lies in the future; the date is left out")
        published = None
    outlets = [got.outlets] if isinstance(got.outlets, str) else got.outlets or []
    return Item(
        id=key or digest(title, summary, published.isoformat() if published else None),
        title=title,
        summary=summary,
        revision=got.revision or 1,
        url=got.url or None,
        outlet=got.outlet or next((name for name in outlets if name), "unknown"),
        owner=got.owner or None,
        kind=got.kind or None,
        country=got.country or None,
        language=_language(got.language or got.lang),
        published=published,
        fetched=_when(got.fetched, "fetched", key, warn),
        illustrative=got.illustrative,
    )


def read_date(value: object) -> datetime | None:
    """Read an RFC 3339 time, YYYY-MM-DD or YYYYMMDD (also as a number) as UTC; None where it is none of them.

    A day without a time is its midnight UTC, a time without a zone is UTC.
    """
    if isinstance(value, str):
        return _read_date(value)
    return _read_date(str(value)) if isinstance(value, int) and not isinstance(value, bool) else None


@lru_cache(1024)  # the lines of a day follow each other
def _read_date(written: str) -> datetime | None:
    written = written.strip()
    try:
        if _COMPACT.fullmatch(written):
            return datetime(int(written[:4]), int(written[4:6]), int(written[6:]), tzinfo=UTC)
        if _DAY.match(written):
            read = datetime.fromisoformat(written)
            return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return None


def _warn(text: str) -> None:
    structlog.get_logger("items").warning(text)


def _when(value: object, what: str, key: str | None, warn: Warn) -> datetime | None:
    if value is None or value == "":
        return None
    read = read_date(value)
    if read is None:
        warn(f"item {key or '(no id)'}: {what} {str(value)[:40]!r} is no date; write 2025-06-19 or an RFC 3339 time")
    return read


def _language(written: str | None) -> str:
    if written is None or written == "en":
        return "en"
    return written.strip().lower().replace("_", "-").partition("-")[0] or DEFAULT_LANGUAGE


def _tidy(text: str) -> str:
    return text.replace("\0", "").strip()  # null bytes carry no text and no store takes them


def _key_of(line: bytes) -> str | None:
    try:
        key = _key_decoder.decode(line).id
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return str(key) if isinstance(key, str | int) else None


def _dead(
    line: bytes, reason: str, error: str, now: datetime, source: str, stage: str, key: str | None = None
) -> DeadLetter:
    return DeadLetter(
        stage=stage,
        reason=reason,
        error=error,
        source=source,
        at=now,
        key=key,
        value=line[:KEPT_BYTES],
        length=len(line),
        sha256=hashlib.sha256(line).hexdigest(),
    )
