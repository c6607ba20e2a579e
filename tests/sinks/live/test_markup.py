"""HTML is made so that nothing a feed wrote becomes markup."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinks.live.markup import Html, escape, h, join, link, web_address


def test_text_is_escaped_and_elements_are_not() -> None:
    """Strings are text, whatever they hold; what `h` made passes."""
    assert h("p", "<b>", h("i", "&")) == "<p>&lt;b&gt;<i>&amp;</i></p>"


def test_attribute_cannot_be_left_by_its_value() -> None:
    """Quotes in a value stay in the value."""
    assert h("a", href="\"'><script>") == '<a href="&quot;&#x27;&gt;&lt;script&gt;"></a>'


def test_true_is_a_bare_attribute_and_none_is_no_attribute() -> None:
    """A zero is a value; only false and none leave an attribute out."""
    assert h("input", hidden=True, checked=False, title=None, data_on=0) == '<input hidden data-on="0">'


def test_html_changed_as_a_string_is_text_again() -> None:
    """Joining by `+` loses the trust: the mistake shows as visible tags, never as markup."""
    assert h("p", h("b", "x") + "<i>") == "<p>&lt;b&gt;x&lt;/b&gt;&lt;i&gt;</p>"


def test_empty_children_leave_no_separator() -> None:
    """What is absent is not separated from its neighbours."""
    assert join(["a", None, "", h("b", "c")], " & ") == Html("a &amp; <b>c</b>")


@pytest.mark.parametrize(
    "text",
    ["\x00", "\x1b[31m", "\x9f", "\ud800"],  # NUL, a terminal escape, a C1 control, half a surrogate pair
)
def test_characters_that_cannot_be_shown_are_replaced(text: str) -> None:
    """They would be lost, do harm, or could not be sent as UTF-8."""
    assert escape(text).startswith("\ufffd")
    escape(text).encode()


def test_a_headline_cannot_turn_the_text_around_it() -> None:
    """Direction overrides go; the marks that Hebrew and Arabic need stay."""
    assert escape("a\u202eb\u200fc") == "ab\u200fc"


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "//host/path",
        "/path",
        "https:",
        "https://a b/",
        "java\nscript:alert(1)",
        "http://[bad/",
        "",
        None,
    ],
)
def test_only_plain_web_addresses_become_links(url: str | None) -> None:
    """Every other scheme, and what is no address, is shown as text."""
    assert web_address(url) is None
    assert "href" not in link(url, "outlet")


def test_link_to_an_article_gives_nothing_away() -> None:
    """The other side learns neither where the reader came from nor gets hold of the page."""
    assert link("https://a.example/x?y=1&z=2", "A") == (
        '<a href="https://a.example/x?y=1&amp;z=2" rel="noopener noreferrer external">A</a>'
    )


@given(st.text())
def test_escaped_text_holds_no_markup(text: str) -> None:
    """No character that opens a tag, an attribute or an entity of its own is left."""
    escaped = escape(text)

    assert not set("<>\"'") & set(escaped)
    escaped.encode()
