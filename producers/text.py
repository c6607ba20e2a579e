"""Turn what a feed carries, HTML or not, into one line of plain text.

Works in bounded time: the sanitiser takes time quadratic in nesting depth, so size and number of tags are capped
before it sees anything.
"""

from __future__ import annotations

import html
import re

import nh3

MAX_MARKUP = 200_000  # characters of HTML that are looked at
MAX_TAGS = 2_000  # beyond this the sanitiser may take seconds, and tags are cut out by a plain pattern

# The sanitiser joins the text of neighbouring blocks; a space keeps "<p>left</p><p>right</p>" from becoming one word.
_BLOCK = re.compile(
    r"<(?=/?(?:p|div|br|hr|li|ul|ol|dl|dt|dd|h[1-6]|t[rdh]|table|blockquote|section|article|figure|figcaption|pre)\b)",
    re.IGNORECASE,
)
# Elements in which the sanitiser, as a browser, sees no markup, or in which it sees nothing but drawing: an `<iframe/>`
# would turn the tags behind it into text, and a formula would vanish. Their own tags go, what they hold stays.
_OPAQUE = re.compile(
    r"</?(?:iframe|math|noembed|noframes|noscript|plaintext|svg|textarea|title|xmp)\b[^<>]*>", re.IGNORECASE
)
_TAG = re.compile(r"<[^<>]*>?")
# Not characters of any text: controls, lone surrogates (which no encoder takes) and the byte order mark.
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff]")


def plain(markup: str, limit: int) -> str:
    """Return the text of a piece of HTML or plain text: tags gone, entities read, white space single, at most `limit`.

    Scripts and styles are dropped with their content. Cut text ends with an ellipsis.
    """
    text = markup[:MAX_MARKUP]
    if "<" in text:
        text = _without_tags(text)
    if "&" in text:
        text = html.unescape(text)
    return one_line(text, limit)


def one_line(text: str, limit: int) -> str:
    """Return plain text in one line: white space single, no controls, at most `limit` characters."""
    text = " ".join(_NO_TEXT.sub(" ", text[:MAX_MARKUP]).split())
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _without_tags(markup: str) -> str:
    if markup.count("<") > MAX_TAGS:
        return _TAG.sub(" ", markup)
    return nh3.clean(_OPAQUE.sub(" ", _BLOCK.sub(" <", markup)), tags=set(), attributes={}, link_rel=None)
