"""Take out of a feed's document type what no feed needs: entities made of entities, of files, or of much text. Pure.

The XML parser below stops expanding them in time, but only after seconds of work and eight megabytes; 600 bytes are
enough for that. A plain entity, such as a name for the copyright sign, stays.
"""

from __future__ import annotations

import re

MAX_VALUE = 200  # bytes

# Possessive throughout: nothing is tried twice, or a megabyte of blanks would take hours.
_DECLARATION = re.compile(rb"<!ENTITY\s++(%\s++)?+[^\s\"'<>]{1,200}+\s++(?:\"([^\"]*+)\"|'([^']*+)'|[^<>]*+)\s*+>")
_ENTITY = b"<!ENTITY"
_REFERS = re.compile(rb"%|&(?!#)")


def without_unsafe_entities(body: bytes) -> bytes:
    """Return the document without those declarations; references to them are left, and mean nothing."""
    return _DECLARATION.sub(_kept, body) if _ENTITY in body else body


def _kept(declaration: re.Match[bytes]) -> bytes:
    parameter, value = declaration[1], declaration[2] if declaration[2] is not None else declaration[3]
    unsafe = parameter or value is None or len(value) > MAX_VALUE or _REFERS.search(value)
    return b"" if unsafe else declaration[0]
