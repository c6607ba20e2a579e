"""The page Feeds: how each source stands, those in trouble first. Pure: what the producer wrote in, HTML out."""

from __future__ import annotations

from datetime import datetime, timedelta

from sinks import words
from sinks.live.markup import Child, Html, h
from sinks.live.pages import Frame, document
from treatywatch.feed_health import FeedHealth, FeedsHealth

STALE = timedelta(minutes=2)  # a file older than this was written by a producer that no longer runs
_DOTS = {"ok": "ok", "new": "busy", "held": "busy", "failing": "bad", "gone": "bad"}


def feeds_page(health: FeedsHealth | None, frame: Frame) -> Html:
    """Write the page; where no producer has told how its feeds stand it says so."""
    if health is None:
        body: list[Child] = [
            h("p", "No producer has written here how its feeds stand. It does so in the state folder, feeds.json."),
            h("p", "Where the producer runs on another machine, its metrics tell the same."),
        ]
    else:
        body = [_summary(health, frame), _table(health, frame)]
    main = h("main", h("h1", "Feeds"), body, id="main", class_="feeds")
    return document("Feeds", main, frame)


def _summary(health: FeedsHealth, frame: Frame) -> Html:
    counts: dict[str, int] = {}
    for feed in health.feeds:
        counts[feed.stands] = counts.get(feed.stands, 0) + 1
    told = ", ".join(f"{number:,} {stands}" for stands, number in counts.items())
    late = frame.wall - health.at > STALE
    return h(
        "p",
        f"{words.count(len(health.feeds), 'feed')}: {told}. As of ",
        h("time", words.instant(health.at), datetime=health.at.isoformat(), data_relative=True),
        "; the producer has not written since." if late else ".",
        class_="trouble" if late else "note",
    )


def _table(health: FeedsHealth, frame: Frame) -> Html:
    head = ("Feed", "Stands", "Last read", "Last news", "Every", "Items", "Known before", "Read", "What")
    return h(
        "div",
        h(
            "table",
            h("thead", h("tr", (h("th", name, scope="col") for name in head))),
            h("tbody", (_row(feed, frame.wall) for feed in health.feeds)),
        ),
        class_="panel wide",
    )


def _row(feed: FeedHealth, now: datetime) -> Html:
    what = [part for part in (feed.failure, f"WebSub hub {feed.hub}" if feed.hub else None) if part]
    failing = f" ({feed.failure_class}, {feed.failures} in a row)" if feed.failure_class else ""
    return h(
        "tr",
        h("th", feed.outlet, " ", h("span", feed.id, class_="note"), scope="row"),
        h("td", h("span", class_=f"dot {_DOTS.get(feed.stands, '')}"), f" {feed.stands}{failing}"),
        h("td", _moment(feed.last_success)),
        h("td", _moment(feed.last_item)),
        h("td", _span(feed.interval_seconds)),
        h("td", f"{feed.items:,}", class_="number"),
        h("td", f"{feed.duplicates:,}", class_="number"),
        h("td", _size(feed.bytes), class_="number"),
        h("td", "; ".join(what)),
        id=f"feed-{feed.id}",
        class_=f"stands-{feed.stands}",
    )


def _moment(moment: datetime | None) -> Child:
    if moment is None:
        return "never"
    return h("time", words.instant(moment), datetime=moment.isoformat(), data_relative=True)


def _span(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return f"{seconds / 60:.0f} min" if seconds >= 60 else f"{seconds:.0f} s"


def _size(count: int) -> str:
    for size, unit in ((10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} B"
