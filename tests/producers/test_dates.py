"""The dates of entries: in many languages, without a zone, as numbers, and those that are none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers import identity
from producers.dates import MAX_FREE, NEWEST, OLDEST, DateReader, from_words
from producers.entries import FeedEntry, Parsed
from producers.identity import judge, name
from producers.parse import parse
from treatywatch.feeds import Feed, load_feeds
from treatywatch.locate import config_dir
from treatywatch.model import DateSource, Item

DAY = datetime(2025, 6, 18, tzinfo=UTC)
FEED = Feed(id="f", url="https://news.example.org/feed", outlet="Example (illustrative)")

# 18 June 2025 as feeds of these languages write it.
WRITTEN = {
    "ar": "18 يونيو 2025",
    "bg": "18 юни 2025",
    "bs": "18. juni 2025",
    "cs": "18. června 2025",
    "da": "18. juni 2025",
    "de": "Mi, 18 Juni 2025",
    "el": "18 Ιουνίου 2025",
    "en": "June 18, 2025",
    "es": "mié, 18 jun 2025",
    "et": "18. juuni 2025",
    "fi": "ke 18. kesäkuuta 2025",
    "fr": "mer., 18 juin 2025",
    "he": "18 ביוני 2025",
    "hi": "18 जून 2025",
    "hr": "18. lipnja 2025.",
    "hu": "2025. június 18.",
    "id": "18 Juni 2025",
    "is": "18. júní 2025",
    "it": "18 giugno 2025",
    "ja": "2025年6月18日",
    "ko": "2025년 6월 18일",
    "lt": "2025 m. birželio 18 d.",
    "lv": "2025. gada 18. jūnijs",
    "nb": "ons. 18 juni 2025",
    "nl": "wo, 18 juni 2025",
    "pl": "śr., 18 czerwca 2025",
    "pt": "Qua, 18 Jun 2025",
    "ro": "18 iunie 2025",
    "ru": "Ср, 18 июня 2025 г.",
    "sk": "18. júna 2025",
    "sl": "18. junij 2025",
    "sq": "18 qershor 2025",
    "sr": "18. jun 2025.",
    "sv": "18 juni 2025",
    "tr": "18 Haziran 2025",
    "uk": "18 червня 2025 р.",
    "vi": "18 tháng 6 năm 2025",
    "zh": "2025年6月18日",
}


def read(written: str, language: str = "en", tag: str = "pubDate") -> datetime | None:
    body = f"<rss version='2.0'><channel><item><title>T</title><{tag}>{written}</{tag}></item></channel></rss>"
    parsed = parse(body.encode(), FEED.url, language=language)
    assert isinstance(parsed, Parsed)
    return parsed.entries[0].published


def made(entry: FeedEntry, now: datetime) -> Item:
    (named,) = name(FEED.id, (entry,))
    _, seen = judge(named, {}, {})
    return identity.item(FEED, entry, seen, None, now, first=False, alert=False)


@pytest.mark.parametrize(("language", "written"), WRITTEN.items())
def test_date_with_a_month_by_name_is_read(language: str, written: str) -> None:
    """In the language of the feed."""
    assert read(written, language) == DAY


def test_every_language_of_the_feeds_file_has_its_months() -> None:
    """A feed in a new language comes with its example here."""
    assert {feed.language.partition("-")[0] for feed in load_feeds(config_dir() / "feeds.yml")} <= set(WRITTEN)


def test_time_and_zone_behind_a_foreign_date_count() -> None:
    """And a date without a zone is UTC."""
    assert read("śr., 18 cze 2025 10:00:00 +0200", "pl") == datetime(2025, 6, 18, 8, tzinfo=UTC)
    assert read("18 czerwca 2025, 10:00", "pl") == datetime(2025, 6, 18, 10, tzinfo=UTC)
    assert read("2025-06-18T10:00:00") == datetime(2025, 6, 18, 10, tzinfo=UTC)
    assert read("Wed, 18 Jun 2025 10:00:00") == datetime(2025, 6, 18, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "language", "expected"),
    [
        ("Wed, 18 Jun 25 10:00:00 GMT", "en", datetime(2025, 6, 18, 10, tzinfo=UTC)),
        ("1750240800", "en", datetime(2025, 6, 18, 10, tzinfo=UTC)),  # feedparser alone: the year 1750
        ("1750240800000", "en", datetime(2025, 6, 18, 10, tzinfo=UTC)),
        ("24/11/2026", "en", datetime(2026, 11, 24, tzinfo=UTC)),  # one order makes sense
        ("11/11/2026", "en", datetime(2026, 11, 11, tzinfo=UTC)),
        ("10/11/2026", "pl", datetime(2026, 11, 10, tzinfo=UTC)),  # nobody writes the month first in Polish
        (
            "Sun, 17 Dec 2017 1:55 PM EST",
            "en",
            datetime(2017, 12, 17, 18, 55, tzinfo=UTC),
        ),  # feedparser alone: at night
        ("June 18 2025 07:02:38 p.m.", "en", datetime(2025, 6, 18, 19, 2, 38, tzinfo=UTC)),
        ("Nov 24, 2026 6:30 am", "en", datetime(2026, 11, 24, 6, 30, tzinfo=UTC)),
    ],
)
def test_number_or_short_year_is_read(written: str, language: str, expected: datetime) -> None:
    """Epochs in seconds and milliseconds, two digits of a year, days in numbers."""
    assert read(written, language) == expected


@pytest.mark.parametrize(
    ("written", "language"),
    [
        ("10/11/2026", "en"),  # the tenth of November, or the eleventh of October
        ("Tue, 10 11 2026 08:00:00 +0100", "en"),
        ("yesterday", "en"),
        ("2 hours ago", "en"),
        ("18 June, about ten", "en"),
        ("June 2025", "en"),
        ("18 czerwca 2025", "fi"),
        ("18 มิ.ย. 2568", "th"),  # the Buddhist calendar
        ("28 خرداد 1404", "fa"),  # the Persian one
        ("17502408", "en"),
        ("99999999999999", "en"),
        ("31 February 2025", "en"),
        ("2025" * 30, "en"),
    ],
)
def test_date_that_is_not_certain_is_none(written: str, language: str) -> None:
    """No date is better than a wrong one: it would make news of history, or history of news."""
    assert read(written, language) is None


def test_date_of_a_change_is_taken_where_there_is_no_other_and_says_so() -> None:
    """Of an Atom entry with both, that of publication."""

    def source(inner: str) -> tuple[datetime | None, DateSource | None]:
        feed = f'<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id><title>T</title>{inner}</entry></feed>'
        parsed = parse(feed.encode(), FEED.url)
        assert isinstance(parsed, Parsed)
        item = made(parsed.entries[0], DAY)
        return item.published, item.date_source

    updated = "<updated>2025-06-18T00:00:00Z</updated>"
    published = "<published>2025-06-17T00:00:00Z</published>"
    assert source(updated) == (DAY, DateSource.UPDATED)
    assert source(updated + published) == (DAY - timedelta(days=1), DateSource.PUBLISHED)
    assert source(updated + "<published>soon</published>") == (DAY, DateSource.UPDATED)
    assert source("") == (None, DateSource.FETCHED)


def test_date_in_the_future_is_not_believed() -> None:
    """Beyond two days; a near miss, tomorrow's paper and a wrong zone, is."""
    tomorrow = made(FeedEntry("T", published=DAY + timedelta(hours=30)), DAY)
    next_week = made(FeedEntry("T", published=DAY + timedelta(days=7)), DAY)

    assert (tomorrow.published, tomorrow.date_source) == (DAY + timedelta(hours=30), DateSource.PUBLISHED)
    assert (next_week.published, next_week.date_source) == (None, DateSource.FETCHED)
    assert not next_week.backfill  # what cannot be dated is news


def test_published_date_is_no_watermark() -> None:
    """An entry that a feed shows late, dated before what was seen already, is as new as any other."""
    (newest,) = name(FEED.id, (FeedEntry("Today", guid="2", published=DAY),))
    _, seen = judge(newest, {}, {})
    (late,) = name(FEED.id, (FeedEntry("Yesterday", guid="1", published=DAY - timedelta(days=1)),))
    verdict, _ = judge(late, {seen.id: seen}, {})

    assert verdict is identity.Verdict.NEW


def test_slow_reading_of_dates_is_limited() -> None:
    """A feed of nothing but odd dates costs so many attempts and no more."""
    dates = DateReader("pl", left=2)

    found = [dates.free("18 czerwca 2025") for _ in range(4)]

    assert found == [DAY, DAY, None, None]
    assert MAX_FREE <= 500


@given(st.text(max_size=60), st.sampled_from(["", "en", "lt", "xx", "zh", "fa"]))
def test_any_text_is_a_date_of_our_time_or_none(text: str, language: str) -> None:
    """Whatever the library makes of it."""
    found = from_words(text, language)

    assert found is None or OLDEST <= found < NEWEST
