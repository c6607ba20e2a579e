"""Which entry is which item."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from producers.entries import FeedEntry
from producers.identity import Verdict, item, judge, name
from producers.memory import Seen
from treatywatch.feeds import Feed

NOW = datetime(2025, 6, 18, 12, 0, tzinfo=UTC)
FEED = Feed(id="one", url="https://news.example.org/feed", outlet="Illustrative", owner="Group", language="en-GB")


def seen_after(entry: FeedEntry) -> dict[str, Seen]:
    verdict, seen = judge(name("one", [entry])[0], {}, {})
    assert verdict is Verdict.NEW
    return {seen.id: seen}


def verdict_of(before: FeedEntry, after: FeedEntry) -> tuple[Verdict, int]:
    known = seen_after(before)
    twins = {seen.twin: seen.id for seen in known.values() if seen.twin}
    verdict, seen = judge(name("one", [after])[0], known, twins)
    return verdict, seen.revision


def test_same_entry_is_known() -> None:
    """Also when the feed re-dates it, as some do at each poll."""
    before = FeedEntry(title="T", summary="S", guid="g", published=NOW)
    after = FeedEntry(title="T", summary="S", guid="g", published=NOW + timedelta(hours=1))

    assert verdict_of(before, after) == (Verdict.KNOWN, 1)


def test_edited_article_is_the_next_revision() -> None:
    """Another title or another summary under the same guid."""
    before = FeedEntry(title="T", summary="S", guid="g")

    assert verdict_of(before, FeedEntry(title="T2", summary="S", guid="g")) == (Verdict.EDITED, 2)
    assert verdict_of(before, FeedEntry(title="T", summary="S2", guid="g")) == (Verdict.EDITED, 2)


def test_new_guid_with_the_same_link_and_title_is_known() -> None:
    """Some feeds make up new guids at each poll."""
    before = FeedEntry(title="T", guid="g1", link="https://news.example.org/1")

    assert verdict_of(before, FeedEntry(title="T", guid="g2", link="https://news.example.org/1")) == (Verdict.KNOWN, 1)


def test_new_guid_with_another_title_is_new() -> None:
    """A near miss: a live blog links several posts to one page."""
    before = FeedEntry(title="T", guid="g1", link="https://news.example.org/1")
    after = FeedEntry(title="U", guid="g2", link="https://news.example.org/1")

    assert verdict_of(before, after) == (Verdict.NEW, 1)


def test_entry_without_guid_is_named_by_its_canonical_link() -> None:
    """Trackers, fragments and the order of parameters name nothing."""
    one, other = (
        name("one", [FeedEntry(title="T", link=f"https://news.example.org/{rest}")])[0].id
        for rest in ("1?b=2&a=1", "1?a=1&utm_medium=rss&b=2#top")
    )

    assert one == other


def test_entry_without_guid_and_link_is_named_by_title_and_date() -> None:
    """The morning briefing of another day is another item."""
    ids = {name("one", [FeedEntry(title="Briefing", published=NOW + timedelta(days=n))])[0].id for n in (0, 1)}

    assert len(ids) == 2


def test_guid_shared_by_several_links_is_no_guid() -> None:
    """A feed whose guids are all the same must not become one item."""
    entries = [FeedEntry(title=f"T{n}", guid="same", link=f"https://news.example.org/{n}") for n in range(3)]

    assert len(name("one", entries)) == 3


def test_entries_with_one_link_and_title_in_a_body_are_told_apart_by_their_guids() -> None:
    """A live page that shows each report under one heading; seen again under the same guids, they are known."""
    link = "https://news.example.org/live"
    named = name("one", [FeedEntry(title="Live", summary=f"S{n}", guid=f"g{n}", link=link) for n in range(2)])
    first = judge(named[0], {}, {})[1]

    assert [one.twin for one in named] == [None, None]
    assert judge(named[1], {first.id: first}, {})[0] is Verdict.NEW
    assert judge(named[0], {first.id: first}, {})[0] is Verdict.KNOWN


def test_same_guid_in_two_feeds_is_two_items() -> None:
    """Two outlets that number from one."""
    entry = FeedEntry(title="T", guid="1")

    assert name("one", [entry])[0].id != name("two", [entry])[0].id


def test_item_carries_what_the_feeds_file_says() -> None:
    """Outlet, owner and language come from us, text and link from the feed."""
    entry = FeedEntry(title="T", summary="S", guid="g", link="https://news.example.org/1", published=NOW)
    (seen,) = seen_after(entry).values()
    made = item(FEED, entry, seen, None, NOW, first=False, alert=False)

    assert (made.outlet, made.owner, made.language, made.url) == ("Illustrative", "Group", "en", entry.link)
    assert (made.published, made.fetched, made.feed, made.backfill, made.previous) == (NOW, NOW, "one", False, None)


def test_backfill_is_a_first_poll_or_more_than_72_hours_old_unless_alerting() -> None:
    """History changes cases, and wakes nobody."""

    def backfill(hours: float, first: bool = False, alert: bool = False) -> bool:
        entry = FeedEntry(title="T", guid="g", published=NOW - timedelta(hours=hours))
        (seen,) = seen_after(entry).values()
        return item(FEED, entry, seen, None, NOW, first, alert).backfill

    assert not backfill(72)
    assert backfill(72.1)
    assert backfill(1, first=True)
    assert not backfill(100, first=True, alert=True)


def test_date_far_in_the_future_is_left_out() -> None:
    """A day ahead may be a time zone, a week is a mistake."""
    for ahead, kept in ((timedelta(hours=24), True), (timedelta(days=7), False)):
        entry = FeedEntry(title="T", guid="g", published=NOW + ahead)
        (seen,) = seen_after(entry).values()

        assert (item(FEED, entry, seen, None, NOW, False, False).published is not None) is kept


_texts = st.sampled_from(["a", "b", "c"])
_entries = st.builds(
    FeedEntry,
    title=_texts,
    summary=_texts,
    guid=st.none() | _texts,
    link=st.none() | _texts.map(lambda t: f"https://news.example.org/{t}"),
)


@given(st.lists(st.lists(_entries, max_size=5), max_size=5))
def test_second_look_at_a_body_makes_no_item_new(bodies: list[list[FeedEntry]]) -> None:
    """Whatever came before: what was just remembered is not new again, and revisions only count up."""
    known: dict[str, Seen] = {}
    twins: dict[str, str] = {}
    for body in bodies:
        for look in (1, 2):
            for named in name("one", body):
                verdict, seen = judge(named, known, twins)
                if look == 2:
                    assert verdict is not Verdict.NEW
                if seen.id in known:
                    assert seen.revision >= known[seen.id].revision
                known[seen.id] = seen
                if seen.twin:
                    twins[seen.twin] = seen.id
