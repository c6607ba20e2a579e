"""Write HTML so that forgetting to escape is impossible: text is escaped, only `Html` passes.

`h("a", "Poland <PL>", href="/case/PL")` gives `<a href="/case/PL">Poland &lt;PL&gt;</a>`. Anything made from an `Html`
by string operations is a plain `str` again and is escaped the next time, so a mistake shows as visible tags, never as
markup that a feed wrote.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import TypeAlias
from urllib.parse import urlsplit


class Html(str):
    """Text that is HTML already; made by `h` and `join` only."""

    __slots__ = ()


Child: TypeAlias = "str | int | Iterable[Child] | None"
Attribute: TypeAlias = "str | int | float | bool | None"

_VOID = frozenset({"br", "hr", "img", "input", "link", "meta"})
# Control characters mean nothing in HTML, and lone surrogates cannot be sent as UTF-8.
_UNSHOWABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# Overrides and isolates let one headline turn round the text that follows it.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")


def escape(text: str) -> str:
    """Escape text for an element or a quoted attribute; take out what browsers cannot show or would turn round."""
    return html.escape(_TURNING.sub("", _UNSHOWABLE.sub("\ufffd", text)), quote=True)


def h(tag: str, *children: Child, **attributes: Attribute) -> Html:
    """Make one element.

    Attribute names are written with `_` for `-`, and with a closing `_` where Python keeps the word (`class_`). True
    gives a bare attribute; false and none give no attribute. `tag` and the names come from our code, never from data.
    """
    given = ((key, value) for key, value in attributes.items() if value is not None and value is not False)
    opening = "".join(f" {_name(key)}{_value(value)}" for key, value in given)
    if tag in _VOID:
        return Html(f"<{tag}{opening}>")
    return Html(f"<{tag}{opening}>{join(children)}</{tag}>")


def join(children: Iterable[Child], between: str = "") -> Html:
    """Put children one after another, with escaped text `between` those that are not empty."""
    parts = [text for child in children if (text := _text(child))]
    return Html(escape(between).join(parts))


def link(url: str | None, *children: Child, class_: str | None = None) -> Html:
    """Link to a page of somebody else's, or write the text alone where the address is no plain web address."""
    safe = web_address(url)
    if safe is None:
        return h("span", *children, class_=class_)
    return h("a", *children, href=safe, rel="noopener noreferrer external", class_=class_)


def web_address(url: str | None) -> str | None:
    """Return the address if it is http or https with a host, else none: `javascript:` and its kind are never links."""
    if not url or _UNSHOWABLE.search(url) or any(character.isspace() for character in url):
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    return url if parts.scheme in {"http", "https"} and host else None


def _name(key: str) -> str:
    return key.rstrip("_").replace("_", "-")


def _value(value: Attribute) -> str:
    return "" if value is True else f'="{escape(str(value))}"'


def _text(child: Child) -> str:
    if child is None:
        return ""
    if isinstance(child, Html):
        return child
    if isinstance(child, str | int):
        return escape(str(child))
    return join(child)
