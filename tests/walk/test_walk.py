"""Read this test first: one feed file becomes one alert, step by step, in memory, with a clock that is set.

    feed file -> entries -> item ->[items]-> signal ->[signals]-> case ->[cases]-> message

Every function here is the one that the running system calls; only Kafka, HTTP and the stores are left out, since they
decide nothing. ARCHITECTURE.md tells the same walk in words.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from processors.detect.pipeline import load_detector
from processors.handle import Source, handle_item, handle_signal
from processors.track.advance import load_rules
from producers import identity
from producers.entries import Parsed
from producers.parse import parse
from sinks.names import Names
from sinks.notify.due import due_messages
from treatywatch import wire
from treatywatch.account import Outcome
from treatywatch.actors import load_actors
from treatywatch.feeds import Feed
from treatywatch.locate import config_dir
from treatywatch.model import Case, Item, Severity, Stage
from treatywatch.register import load_register
from treatywatch.topics import ITEMS, SIGNALS

FEED = Feed(
    id="example",
    url="https://news.example/feed",
    outlet="Example Baltic Wire (illustrative)",
    owner="Example Press Group",
    country="EE",
    language="en",
    kind="agency",
    illustrative=True,
)
BODY = b"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0"><channel><title>Example Baltic Wire (illustrative)</title><link>https://news.example/</link>
<item>
  <guid>story-1</guid><link>https://news.example/story-1?utm_source=feed</link>
  <title>Estonia deposits notice of withdrawal from Ottawa Convention</title>
  <description>&lt;p&gt;Estonia on Friday deposited its &lt;b&gt;notice of withdrawal&lt;/b&gt; from the
  Ottawa Convention with the United Nations.&lt;/p&gt;</description>
  <pubDate>Fri, 27 Jun 2025 14:00:00 GMT</pubDate>
</item>
<item>
  <guid>story-2</guid><link>https://news.example/story-2</link>
  <title>Estonia withdraws troops from exercise under Ottawa programme</title>
  <description>The soldiers return on Friday.</description>
  <pubDate>Fri, 27 Jun 2025 15:00:00 GMT</pubDate>
</item>
</channel></rss>
"""
NOW = datetime(2025, 6, 27, 15, 5, tzinfo=UTC)  # when the feed is polled


def test_one_feed_file_becomes_one_alert() -> None:
    """The notice is told, with its proof and the date of effect; the troops are not."""
    config = config_dir()
    detector, rules = load_detector(config), load_rules(config)
    names = Names(load_register(config), load_actors(config))

    # 1. Producers: a feed's bytes become entries, and each new entry an item.
    parsed = parse(BODY, FEED.url, "application/rss+xml")
    assert isinstance(parsed, Parsed)
    items = []
    for named in identity.name(FEED.id, parsed.entries):
        verdict, seen = identity.judge(named, known={}, twins={})
        assert verdict is identity.Verdict.NEW
        items.append(identity.item(FEED, named.entry, seen, None, fetched=NOW, first=False, alert=False))
    notice, troops = items
    assert notice.url == "https://news.example/story-1"  # freed of its tracker
    assert "<b>" not in notice.summary  # and of its markup

    # 2. On the topic an item is bytes; what cannot be read would become a dead letter.
    value = wire.encode(notice)
    assert wire.decode(value, Item) == notice

    # 3. Detect: the near miss is rejected with a reason, the notice passes with a signal.
    source = Source(ITEMS.name, 0, 0, None, NOW)
    rejected = handle_item(wire.encode(troops), source, detector, rules.register)
    assert rejected.outcome is Outcome.REJECTED
    assert rejected.reason
    passed = handle_item(value, source, detector, rules.register)
    (signal,) = passed.signals
    assert (signal.actor, signal.treaty, signal.stage) == ("EE", "APMBC", Stage.NOTIFIED)
    assert {span.text for span in signal.evidence} >= {"Estonia", "Ottawa Convention"}
    assert signal.sentence in (notice.title, notice.summary)

    # 4. Track: the signal is folded into its case; the register knows the notice period.
    folded = handle_signal(wire.encode(signal), Source(SIGNALS.name, 0, 0, None, NOW), {}, NOW, NOW, rules)
    (record,) = folded.records
    case = wire.decode(wire.encode(record), Case)
    assert case.id == "EE:APMBC"
    assert case.effective_date is not None
    assert (case.effective_date.value, case.effective_date.basis) == (date(2025, 12, 27), "computed")
    assert case.severity is Severity.URGENT

    # 5. The same signal once more changes nothing: at-least-once delivery is harmless.
    again = handle_signal(wire.encode(signal), Source(SIGNALS.name, 0, 1, None, NOW), {case.id: case}, NOW, NOW, rules)
    assert again.outcome is Outcome.UNCHANGED

    # 6. Notify: one message, with its evidence; none for a transition that was sent before.
    later = NOW + timedelta(seconds=10)
    hold = timedelta(days=7)
    (message,) = due_messages(
        [case], now=later, hold=hold, known=lambda id: False, names=names, link_base="http://127.0.0.1:8750"
    )
    assert message.headline.startswith("Estonia → Ottawa Convention")
    assert "27 December 2025" in message.headline
    assert message.sentence == signal.sentence
    assert message.links.article == notice.url
    assert message.illustrative
    sent_before = due_messages(
        [case], now=later, hold=hold, known=lambda id: id == message.id, names=names, link_base="http://127.0.0.1:8750"
    )
    assert sent_before == []


def test_bytes_that_are_no_item_become_a_dead_letter_and_nothing_else() -> None:
    """The near miss of step 2."""
    config = config_dir()

    handled = handle_item(
        b"{ no json", Source(ITEMS.name, 3, 7, b"key", NOW), load_detector(config), load_rules(config).register
    )

    assert handled.outcome is Outcome.DEAD
    assert handled.dead is not None
    assert (handled.dead.reason, handled.dead.value, handled.dead.offset) == ("malformed", b"{ no json", 7)
    assert handled.signals == ()


def test_a_fault_of_our_own_costs_one_input_and_is_kept_with_its_trace() -> None:
    """A detector that raises must not stop the pipeline, nor lose the item."""

    class Broken:
        def read(self, item: Item) -> None:
            raise ZeroDivisionError(item.id)

    value = wire.encode(Item(id="a", title="t"))

    handled = handle_item(value, Source(ITEMS.name, 0, 0, None, NOW), Broken(), load_rules(config_dir()).register)  # type: ignore[arg-type]

    assert handled.outcome is Outcome.DEAD
    assert handled.dead is not None
    assert handled.dead.reason == "detector_error"
    assert "ZeroDivisionError" in handled.dead.error
    assert handled.dead.value == value


def test_a_signal_of_another_schema_version_is_a_dead_letter_of_track() -> None:
    """An older worker does not guess what a newer one has written."""
    handled = handle_signal(b'{"v":2}', Source(SIGNALS.name, 0, 0, None, NOW), {}, NOW, NOW, load_rules(config_dir()))

    assert handled.dead is not None
    assert (handled.dead.stage, handled.dead.reason) == ("track", "schema_version")
