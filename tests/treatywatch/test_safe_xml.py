"""XML that strangers wrote."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treatywatch.safe_xml import MAX_DEPTH, UnsafeXmlError, read_xml


def test_document_is_read_with_its_namespaces() -> None:
    """Names are `{namespace}local`, for elements and attributes; text and order stay."""
    root = read_xml("<a xmlns='u:a' xmlns:b='u:b' b:k='ž' l='1'>x<b:c/>y</a>".encode())

    assert (root.tag, root.attrib, root.text) == ("{u:a}a", {"{u:b}k": "ž", "l": "1"}, "x")
    assert [(child.tag, child.tail) for child in root] == [("{u:b}c", "y")]


@pytest.mark.parametrize(
    "document",
    [
        "<!DOCTYPE a><a/>",
        "<!DOCTYPE a SYSTEM 'https://evil.example.org/a.dtd'><a/>",
        "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/hostname'>]><a>&x;</a>",
        "<!DOCTYPE a [<!ENTITY x 'ha'><!ENTITY y '&x;&x;&x;&x;'>]><a>&y;</a>",
    ],
    ids=["plain", "external-subset", "external-entity", "entity-bomb"],
)
def test_document_type_is_refused(document: str) -> None:
    """Whatever is in it; nothing is expanded and nothing fetched."""
    with pytest.raises(UnsafeXmlError, match="document type"):
        read_xml(document.encode())


def test_nesting_is_bounded() -> None:
    """Just deep enough is read."""
    assert read_xml(b"<a>" * MAX_DEPTH + b"</a>" * MAX_DEPTH).tag == "a"
    with pytest.raises(UnsafeXmlError, match="nested"):
        read_xml(b"<a>" * (MAX_DEPTH + 1) + b"</a>" * (MAX_DEPTH + 1))


@pytest.mark.parametrize("data", [b"", b"<a>", b"<a>&x;</a>", b"<?xml version='1.0' encoding='no-such'?><a/>", b"\xff"])
def test_what_is_not_well_formed_is_named(data: bytes) -> None:
    """An undeclared entity included."""
    with pytest.raises(UnsafeXmlError, match="well-formed"):
        read_xml(data)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """With one kind of error."""
    with contextlib.suppress(UnsafeXmlError):
        read_xml(data)
