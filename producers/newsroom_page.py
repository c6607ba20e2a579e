"""Write the demo newsroom's pages for people: what it is, its feeds, and each article. Pure: data in, HTML out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from html import escape

from producers.newsroom_feeds import NOTE, article_path
from treatywatch.demo import Article, Outlet, feed_path

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#222;background:#fff}
h1{font-size:1.5rem}.note{border-left:.3rem solid #a50;padding:.3rem .8rem;background:#fff6ec}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.25rem .6rem .25rem 0;vertical-align:top}
small,time{color:#555}@media(prefers-color-scheme:dark){body{background:#181818;color:#ddd}
.note{background:#2a2118}small,time{color:#aaa}a{color:#8bf}}
"""


def front(
    outlets: Sequence[Outlet], latest: Sequence[Article], day: date, played: int, of: int, ended: bool = False
) -> str:
    """Write the front page: the outlets with their feeds, and the latest articles, newest first."""
    rows = "".join(
        f"<tr><td>{escape(o.name)}</td><td><small>{escape(o.owner)}</small></td>"
        f'<td><a href="{feed_path(o)}">{o.format.upper()}</a></td></tr>'
        for o in outlets
    )
    news = "".join(
        f'<li><time>{a.published:%Y-%m-%d %H:%M}</time> <a href="{article_path(a)}">{escape(a.title)}</a>'
        f" <small>{escape(a.outlet.name)}{', edited' if a.revision > 1 else ''}</small></li>"
        for a in latest
    )
    where = "The story has ended" if ended else f"It is {day:%d %B %Y} here"
    return _page(
        "Demo newsroom (illustrative)",
        "Illustrative: none of these outlets exists, and all texts were written to demonstrate treatywatch.",
        f"<p>This server publishes the feeds that <code>treatywatch up --demo</code> reads. It plays eleven months, "
        f"the exits from the Ottawa Convention in 2025-26, in about a minute. {where}: scene {played} of {of}.</p>"
        f"<h2>Feeds</h2><table><tr><th>outlet<th>owner<th>feed</tr>{rows}</table><h2>Latest</h2><ul>{news}</ul>",
    )


def article(one: Article) -> str:
    """Write the page of one article as it stands."""
    edited = f", edited {one.updated:%Y-%m-%d %H:%M} UTC" if one.revision > 1 else ""
    return _page(
        one.title,
        NOTE,
        f"<p><small>{escape(one.outlet.name)}, {one.published:%Y-%m-%d %H:%M} UTC{edited}</small></p>"
        f'<p>{escape(one.summary)}</p><p><a href="/">All outlets</a></p>',
    )


def _page(title: str, note: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style><h1>{escape(title)}</h1>"
        f'<p class="note">{escape(note)}</p>{body}</html>\n'
    )
