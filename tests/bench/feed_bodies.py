"""Feeds for the benchmarks, in the three shapes that news feeds have; every word is invented."""

from __future__ import annotations

import random
from html import escape

_TEXT = (
    "the minister said on Monday that her government would vote next week about a new budget for coastal towns whose "
    "ports need repair while fishermen wait for better prices and the opposition asks who will pay for it all"
)
_WORDS = _TEXT.split()
_CHANCE = random.Random(9)


def sentence(words: int) -> str:
    """So many words that mean nothing together."""
    return " ".join(_CHANCE.choice(_WORDS) for _ in range(words)).capitalize() + "."


def _summary(number: int) -> str:
    """A paragraph, where it is from, and a picture: what the widespread blog software writes by itself."""
    return (
        f"<p>{sentence(30)}</p><p>The post <a href='https://desk.example/a/{number}'>{sentence(5)}</a> "
        f"appeared first on <a href='https://desk.example/'>The Desk</a>.</p>"
        f"<img src='https://desk.example/{number}.jpg' width='300' height='200' alt=''>"
    )


def _article(number: int) -> str:
    paragraphs = (
        f"<p>{sentence(55)} <a href='/a/{number}/{n}'>{sentence(4)}</a> <strong>{sentence(3)}</strong></p>"
        for n in range(9)
    )
    return (
        f"{''.join(paragraphs)}<figure><img src='/{number}.jpg' alt=''><figcaption>{sentence(6)}</figcaption></figure>"
    )


def _rss(number: int, text: str) -> str:
    return (
        f"<item><guid isPermaLink='false'>desk-{number}</guid><title>{sentence(9)}</title>"
        f"<link>https://desk.example/a/{number}</link><description>{text}</description>"
        f"<pubDate>Wed, 18 Jun 2025 10:{number % 60:02}:00 GMT</pubDate><category>News</category></item>"
    )


def _atom(number: int, text: str) -> str:
    return (
        f"<entry><id>tag:desk.example,2025:{number}</id><title>{sentence(9)}</title>"
        f"<link href='https://desk.example/a/{number}'/><content type='html'>{escape(text)}</content>"
        f"<published>2025-06-18T10:{number % 60:02}:00Z</published></entry>"
    )


def _channel(items: str) -> bytes:
    head = "<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel><title>The Desk</title>"
    return f"{head}<link>https://desk.example/</link>{items}</channel></rss>".encode()


PLAIN = _channel("".join(_rss(n, sentence(35)) for n in range(50)))
SUMMARIES = _channel("".join(_rss(n, f"<![CDATA[{_summary(n)}]]>") for n in range(50)))
FULL_RSS = _channel("".join(_rss(n, f"<![CDATA[{_article(n)}]]>") for n in range(25)))
FULL_ATOM = (
    "<?xml version='1.0' encoding='utf-8'?><feed xmlns='http://www.w3.org/2005/Atom'><title>The Desk</title>"
    f"<id>tag:desk.example,2025:feed</id>{''.join(_atom(n, _article(n)) for n in range(25))}</feed>"
).encode()
