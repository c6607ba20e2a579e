"""Read small XML documents that strangers wrote, without what makes XML dangerous.

A document type (DTD) is refused before anything in it is looked at, so there are no entities to expand and nothing to
fetch; nesting is bounded, so that no walk over the tree runs out of stack.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

MAX_DEPTH = 100


class UnsafeXmlError(ValueError):
    """XML that is not well-formed, or holds what no list of feeds or articles needs; one line for a person."""


def read_xml(data: bytes) -> Element:
    """Return the root of a document, with names as `{namespace}local`. Raises UnsafeXmlError."""
    builder, depth = TreeBuilder(), 0

    def doctype(*_: object) -> None:
        raise UnsafeXmlError("it has a document type (DTD), which is refused")

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise UnsafeXmlError(f"elements are nested more than {MAX_DEPTH} deep")
        builder.start(_name(tag), {_name(key): value for key, value in attributes.items()})

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(_name(tag))

    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError, UnicodeError) as error:
        raise UnsafeXmlError(f"not well-formed XML: {error}") from error
    return builder.close()


def _name(name: str) -> str:
    return "{" + name if "}" in name else name
