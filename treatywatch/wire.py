"""Bytes <-> model: the one place that knows the JSON form of records on the topics.

A record is one JSON object with `"v": 1` beside the fields of its type. Unknown fields are ignored, so that an older
reader survives a newer writer; another `v` is refused. `decode(encode(x)) == x` for every value.
"""

from __future__ import annotations

import hashlib
from typing import TypeVar

import msgspec

from treatywatch.errors import WireError

SCHEMA_VERSION = 1
MAX_BYTES = 1_000_000  # below Kafka's default message.max.bytes of 1 MiB

T = TypeVar("T", bound=msgspec.Struct)

_encoder = msgspec.json.Encoder()
_decoders: dict[type[msgspec.Struct], msgspec.json.Decoder[msgspec.Struct]] = {}


class _Version(msgspec.Struct, frozen=True):
    v: int = 0


_version = msgspec.json.Decoder(_Version)
_PREFIX = b'{"v":%d,' % SCHEMA_VERSION


def encode(record: msgspec.Struct) -> bytes:
    """Write a record as JSON bytes with the schema version in front."""
    body = _encoder.encode(record)
    return _PREFIX + body[1:]  # every record type has at least one field, so the body never is "{}"


def decode(data: bytes, kind: type[T]) -> T:
    """Read a record of the given type.

    Raises WireError with reason `too_large`, `malformed` (no JSON), `schema_version` (another version) or `invalid`
    (JSON that is no such record).
    """
    if len(data) > MAX_BYTES:
        raise WireError("too_large", f"{len(data)} bytes, at most {MAX_BYTES} are allowed")
    try:
        version = _version.decode(data).v
    except msgspec.ValidationError as error:
        raise WireError("invalid", str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:  # RecursionError: nested too deeply
        raise WireError("malformed", str(error)) from error
    if version != SCHEMA_VERSION:
        raise WireError("schema_version", f"schema version {version}, this program reads {SCHEMA_VERSION}")
    decoder = _decoders.get(kind)
    if decoder is None:
        decoder = _decoders[kind] = msgspec.json.Decoder(kind)
    try:
        return decoder.decode(data)  # type: ignore[return-value]  # the decoder was made for this kind
    except (msgspec.ValidationError, UnicodeDecodeError) as error:
        raise WireError("invalid", str(error)) from error
    except (msgspec.DecodeError, RecursionError) as error:
        raise WireError("malformed", str(error)) from error


def to_json(record: object) -> bytes:
    """Write any model value as plain JSON bytes, for people and scripts (no schema version)."""
    return _encoder.encode(record)


def digest(*parts: object) -> str:
    """Name something by its parts: 20 hexadecimal digits of SHA-256 over the parts, unambiguous whatever they hold."""
    return hashlib.sha256(_encoder.encode([None if part is None else str(part) for part in parts])).hexdigest()[:20]
