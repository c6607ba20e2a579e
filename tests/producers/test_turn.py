"""One turn of a feed, from what was remembered and what came back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from producers import flood, turn
from producers.entries import Parsed, Unparsable
from producers.fetch import Answer, Failed, Fault
from producers.memory import FeedState, Seen
from producers.parse import parse
from producers.quiet import Quiet
from producers.schedule import Limits
from producers.turn import ADOPT_AFTER, Turn
from tests.producers.feed_server import rss
from treatywatch.feeds import Feed

NOW = datetime(2025, 6, 18, 12, 0, tzinfo=UTC)
FEED = Feed(id="one", url="https://news.example.org/feed", outlet="Illustrative")
BOUNDS = Limits(900, 3600, probe_every=3)
ONE = rss(("1", "One", "x")).encode()


class Reader:
    """A feed with its memory, as poll.py and state.py keep it."""

    def __init__(self) -> None:
        self.state = turn.begin(FEED, None)
        self.seen: dict[str, Seen] = {}

    def gets(
        self,
        body: bytes | None,
        etag: str | None = '"e"',
        moved: str | None = None,
        now: datetime = NOW,
        last_modified: str | None = None,
    ) -> Turn:
        answer = Answer(self.state.current_url, body, "text/xml", etag, last_modified, moved=moved)
        hashed, parsed = turn.body_hash(answer), None
        if body is not None and hashed != self.state.body_hash:
            parsed = parse(body, answer.url, answer.content_type)
        if isinstance(parsed, Unparsable):
            return self.keep(turn.failed(self.state, BOUNDS, now, parsed))
        read = turn.read(self.state, hashed, parsed)
        twins = {seen.twin: seen.id for seen in self.seen.values() if seen.twin}
        return self.keep(turn.succeeded(FEED, self.state, BOUNDS, now, answer, read, self.seen, twins))

    def fails(self, fault: Fault, retry_after: datetime | None = None) -> Turn:
        return self.keep(turn.failed(self.state, BOUNDS, NOW, Failed(fault, "because", retry_after)))

    def keep(self, done: Turn) -> Turn:
        self.state = done.state
        self.seen.update({seen.id: seen for seen in done.seen})
        return done


def test_first_poll_brings_everything_as_backfill_and_the_second_only_what_is_new() -> None:
    """The alarm is for what appears while we watch."""
    reader = Reader()
    first, second = reader.gets(ONE), reader.gets(rss(("2", "Two", "y"), ("1", "One", "x")).encode())

    assert [(i.title, i.backfill) for i in first.items] == [("One", True)]
    assert [(i.title, i.backfill) for i in second.items] == [("Two", False)]
    assert (second.known, second.outcome) == (1, "items")


def test_edited_article_carries_its_next_revision_and_the_text_before() -> None:
    """The same id, so that nothing is told twice."""
    reader = Reader()
    before = reader.gets(ONE).items[0]
    after = reader.gets(rss(("1", "One, corrected", "x")).encode()).items[0]

    assert (after.id, after.revision) == (before.id, 2)
    assert after.previous is not None
    assert after.previous.title == "One"


def test_unchanged_body_is_not_parsed() -> None:
    """Its hash is enough."""
    reader = Reader()
    before = reader.gets(ONE).state

    assert turn.body_hash(Answer(FEED.url, ONE)) == before.body_hash
    assert reader.gets(ONE).outcome == "unchanged"


def test_failed_first_poll_leaves_the_next_a_first_poll() -> None:
    """A feed that was down at the start does not flood the alarm when it comes up."""
    reader = Reader()
    reader.fails(Fault.SERVER_ERROR)

    assert reader.gets(ONE).items[0].backfill


def test_failure_keeps_the_validators_and_a_body_that_cannot_be_read_drops_them() -> None:
    """A 304 would hide for ever that what is there is broken."""
    reader = Reader()
    reader.gets(ONE)
    reader.fails(Fault.TIMEOUT)
    kept = turn.ask(reader.state, BOUNDS).etag
    reader.gets(b"<html>error</html>")

    assert kept == '"e"'
    assert turn.ask(reader.state, BOUNDS).etag is None
    assert reader.state.failures == 2


def test_failures_back_off_and_one_success_ends_them() -> None:
    """Each failure doubles the wait."""
    reader = Reader()
    waits = []
    for _ in range(3):
        state = reader.fails(Fault.SERVER_ERROR).state
        assert state.due is not None
        waits.append((state.due - NOW).total_seconds())
    done = reader.gets(ONE)

    assert waits[1] > 1.5 * waits[0]
    assert waits[2] > 1.5 * waits[1]
    assert (done.state.failures, done.state.failure) == (0, None)


def test_retry_after_is_remembered() -> None:
    """Until it has run, no poll, whoever asks."""
    hold = NOW + timedelta(hours=3)
    state = Reader().fails(Fault.TOO_MANY_REQUESTS, hold).state

    assert (state.hold_until, state.due) == (hold, hold)


def test_gone_feed_is_not_polled_until_its_address_changes() -> None:
    """410 is the one answer that ends polling, and it says so."""
    reader = Reader()
    done = reader.fails(Fault.GONE)
    elsewhere = msgspec.structs.replace(done.state)

    assert (done.state.gone, done.state.due) == (True, None)
    assert any("gone" in note for note in done.notes)
    assert turn.begin(FEED, elsewhere).gone
    assert not turn.begin(FEED.model_copy(update={"url": "https://news.example.org/new"}), elsewhere).gone


def test_permanent_redirect_is_adopted_after_consistent_sightings() -> None:
    """Not at the first: a hotel's login page also says 301."""
    reader = Reader()
    target = "https://news.example.org/new"
    before = [reader.gets(ONE, moved=target).state.current_url for _ in range(ADOPT_AFTER - 1)]
    done = reader.gets(ONE, moved=target)

    assert before == [FEED.url] * (ADOPT_AFTER - 1)
    assert done.state.current_url == target
    assert any("moved" in note for note in done.notes)


@pytest.mark.parametrize("between", ["https://news.example.org/other", None])
def test_inconsistent_redirect_is_not_adopted(between: str | None) -> None:
    """Another target, or none, in between starts the count again."""
    reader = Reader()
    target = "https://news.example.org/new"
    for moved in (target, target, between, target, target):
        reader.gets(ONE, moved=moved)

    assert reader.state.current_url == FEED.url


def test_changed_address_in_the_feeds_file_forgets_validators_but_not_that_it_was_polled() -> None:
    """Otherwise every corrected address would be a first poll again."""
    reader = Reader()
    reader.gets(ONE)
    state = turn.begin(FEED.model_copy(update={"url": "https://news.example.org/new"}), reader.state)

    assert (state.etag, state.body_hash, state.last_success) == (None, None, NOW)


def test_feed_that_lies_is_found_out_and_asked_without_validators() -> None:
    """It says "not modified" while it is; every few polls we ask as if for the first time."""
    reader = Reader()
    reader.gets(ONE)
    for _ in range(3):
        assert turn.ask(reader.state, BOUNDS).etag == '"e"'
        reader.gets(None)
    assert turn.ask(reader.state, BOUNDS).etag is None
    done = reader.gets(rss(("2", "Two", "y")).encode())

    assert [item.title for item in done.items] == ["Two"]
    assert any("lies" in note for note in done.notes)
    assert turn.ask(reader.state, BOUNDS).etag is None


@pytest.mark.parametrize(
    ("body", "etag"),
    [(ONE, '"e"'), (rss(("2", "Two", "y")).encode(), '"f"')],
    ids=["truly-unchanged", "changed-just-now"],
)
def test_honest_feed_passes_the_probe(body: bytes, etag: str) -> None:
    """A near miss: nothing changed, or it changed together with its mark."""
    reader = Reader()
    reader.gets(ONE)
    for _ in range(3):
        reader.gets(None)
    done = reader.gets(body, etag)

    assert not done.state.lies
    assert turn.ask(done.state, BOUNDS).etag == etag


def test_feed_that_lies_with_a_new_mark_each_time_is_found_out() -> None:
    """Whatever it is shown, it says "not modified"; asked without, it has another body, under another mark."""
    reader = Reader()
    reader.gets(ONE)
    for _ in range(BOUNDS.probe_every):
        reader.gets(None)
    first = reader.gets(rss(("2", "Two", "y")).encode(), '"f"')
    assert turn.ask(first.state, BOUNDS).etag == '"f"'
    reader.gets(None)
    assert turn.ask(reader.state, BOUNDS).etag is None  # sooner than the first time
    second = reader.gets(rss(("3", "Three", "z")).encode(), '"g"')

    assert not first.state.lies
    assert second.state.lies
    assert turn.ask(second.state, BOUNDS).etag is None


@pytest.mark.parametrize("marked", [True, False], ids=["answers-a-conditional-request", "unchanged-at-the-next-probe"])
def test_feed_that_changed_just_when_it_was_probed_is_cleared(marked: bool) -> None:
    """A near miss: it changed by chance; a new body for an old mark, or none behind the next 304, proves it honest."""
    reader = Reader()
    reader.gets(ONE)
    for _ in range(BOUNDS.probe_every):
        reader.gets(None)
    two = rss(("2", "Two", "y")).encode()
    assert reader.gets(two, '"f"').state.suspect
    if marked:
        done = reader.gets(rss(("3", "Three", "z")).encode(), '"g"')
    else:
        reader.gets(None, '"f"')
        done = reader.gets(two, '"f"')

    assert (done.state.suspect, done.state.lies) == (False, False)


def test_entry_that_cannot_be_read_is_one_dead_letter_however_often_it_is_shown() -> None:
    """Entries = new + edited + known + bad, and a bad one is not news at each poll."""
    reader = Reader()
    first = reader.gets(rss(("1", "One", "x"), ("2", "", "")).encode())
    second = reader.gets(rss(("1", "One", "x"), ("2", "", ""), ("3", "Three", "z")).encode())

    assert [(len(t.items), len(t.dead)) for t in (first, second)] == [(1, 1), (1, 0)]
    assert (first.dead[0].reason, first.dead[0].source, first.dead[0].stage) == ("empty", "feed one", "produce")


def test_feed_that_re_dates_everything_brings_nothing_new() -> None:
    """OpenSearch's source re-emits the whole feed at each poll; we do not."""
    reader = Reader()
    reader.gets(ONE)
    done = reader.gets(ONE.replace(b"10:00:00", b"11:30:00"))

    assert (done.items, done.known, done.outcome) == ((), 1, "unchanged")


def test_state_round_trips() -> None:
    """What is remembered is what was."""
    state = Reader().gets(ONE).state

    assert msgspec.json.decode(msgspec.json.encode(state), type=FeedState) == state


def test_word_of_the_feed_on_when_to_come_is_kept_over_an_unchanged_body() -> None:
    """Hub, quiet days and ttl are of the body that was read last; the pace is what they came to."""
    body = ONE.replace(
        b"<item>",
        b"<ttl>30</ttl><skipDays><day>Wednesday</day></skipDays>"
        b"<link xmlns='http://www.w3.org/2005/Atom' rel='hub' href='https://hub.example.org/'/><item>",
        1,
    )
    reader = Reader()
    reader.gets(body)
    first = reader.state
    reader.gets(body)
    thursday = datetime(2025, 6, 19, tzinfo=UTC)

    assert (first.hub, first.ttl_seconds, first.quiet) == ("https://hub.example.org/", 1800, Quiet(days=(2,)))
    assert (reader.state.hub, reader.state.ttl_seconds, reader.state.quiet) == (first.hub, 1800, first.quiet)
    assert first.due is not None
    assert thursday <= first.due < thursday + timedelta(hours=1)
    assert first.pace >= timedelta(hours=10).total_seconds()


@pytest.mark.parametrize(
    ("period", "seconds"),
    [("<u:updatePeriod>hourly</u:updatePeriod><u:updateFrequency>2</u:updateFrequency>", 1800), ("", None)],
)
def test_update_period_of_a_feed_is_a_wish(period: str, seconds: float | None) -> None:
    """As its `ttl` is; whatever prefix it is written with."""
    wish = f"<rss xmlns:u='http://purl.org/rss/1.0/modules/syndication/' version='2.0'><channel>{period}".encode()
    reader = Reader()
    reader.gets(ONE.replace(b"<rss version='2.0'><channel>", wish))

    assert reader.state.ttl_seconds == seconds
    assert reader.state.pace == pytest.approx(seconds or 900)


def test_first_poll_says_nothing_about_the_rhythm() -> None:
    """Everything in it is new, and most of it is of last week."""
    reader = Reader()
    reader.gets(rss(*((str(n), f"Number {n}", "x") for n in range(20))).encode())

    assert reader.state.rhythm.gap is None
    assert reader.state.interval == BOUNDS.minimum


def test_interval_follows_the_rhythm_of_the_feed() -> None:
    """A feed with an item every 40 minutes settles at 20; when it falls silent, it goes up to the limit."""
    reader, now, shown = Reader(), NOW, [("0", "Number 0", "x")]

    def poll(published: int) -> None:
        nonlocal now
        while len(shown) <= published:
            shown.insert(0, (str(len(shown)), f"Number {len(shown)}", "x"))
        reader.gets(rss(*shown[:20]).encode(), now=now)
        assert reader.state.due is not None
        now = reader.state.due

    while now < NOW + timedelta(hours=20):
        poll(int((now - NOW).total_seconds() // 2400))
    settled, last = reader.state.interval, len(shown)
    while now < NOW + timedelta(hours=60):
        poll(last - 1)

    assert settled == pytest.approx(1200, rel=0.15)
    assert reader.state.interval == BOUNDS.maximum


def test_rarest_wish_of_feed_and_server_counts() -> None:
    """`ttl` of 25 minutes in the body, 20 in Cache-Control, and a "not modified" later that says nothing new."""
    reader = Reader()
    body = rss(("1", "One", "x"), ttl=25).encode()
    answer = Answer(FEED.url, body, "text/xml", '"e"', fresh_seconds=1200)
    parsed = parse(body, FEED.url)
    assert isinstance(parsed, Parsed)
    read = turn.read(reader.state, turn.body_hash(answer), parsed)
    reader.keep(turn.succeeded(FEED, reader.state, BOUNDS, NOW, answer, read, {}, {}))

    assert reader.state.due == NOW + timedelta(minutes=25)
    assert reader.gets(None).state.due == NOW + timedelta(minutes=25)


def test_not_modified_never_clears_a_failure() -> None:
    """It proves that the server speaks, not that the feed can be read; the next poll asks for the whole, which does."""
    reader = Reader()
    reader.gets(ONE)
    reader.fails(Fault.TIMEOUT)
    after = reader.gets(None, now=NOW + timedelta(hours=1)).state
    whole = turn.ask(after, BOUNDS)
    cleared = reader.gets(ONE).state

    assert (after.failures, after.last_success) == (1, NOW)
    assert (after.failure or "").startswith("timeout")
    assert (whole.etag, whole.last_modified) == (None, None)
    assert (cleared.failures, cleared.failure) == (0, None)
    assert turn.ask(cleared, BOUNDS).etag == '"e"'


def test_not_modified_without_a_failure_before_it_is_taken() -> None:
    """The near miss: the next poll asks with validators as ever."""
    reader = Reader()
    reader.gets(ONE)
    reader.gets(None)

    assert turn.ask(reader.state, BOUNDS).etag == '"e"'


def test_hub_of_the_header_comes_before_the_one_of_the_feed() -> None:
    """And without either the one that was named before is kept."""
    state = turn.begin(FEED, None)
    bare = Parsed((), hub="https://hub.example.org/feed")
    answer = Answer(FEED.url, b"", hub="https://hub.example.org/header")
    named = turn.succeeded(FEED, state, BOUNDS, NOW, answer, turn.read(state, "h", bare), {}, {}).state
    later = turn.succeeded(FEED, named, BOUNDS, NOW, Answer(FEED.url, b""), turn.read(named, "h", None), {}, {}).state

    assert named.hub == later.hub == "https://hub.example.org/header"


def test_flood_is_cut_off_for_the_day_and_goes_on_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of it is forgotten: what has no room today is asked for again, validators or not."""
    monkeypatch.setattr(flood, "MAX_ITEMS", 3)
    reader = Reader()
    five = rss(*((str(n), f"Title {n}", "x") for n in range(4)), ("bad", "", "")).encode()
    first = reader.gets(five)
    same_day = reader.gets(five, now=NOW + timedelta(hours=1))
    next_day = reader.gets(five, now=NOW + timedelta(days=1))

    assert [len(t.items) for t in (first, same_day, next_day)] == [3, 0, 1]
    assert [len(t.dead) for t in (first, same_day, next_day)] == [0, 0, 1]
    assert any("flood" in note for note in first.notes)
    assert (first.state.etag, first.state.body_hash) == (None, None)
    assert next_day.state.etag == '"e"'
    assert not next_day.notes
