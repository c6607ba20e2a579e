"""The order of a replay is the order in which signals went to `track`."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from processors.sending import Sent, in_order
from tests.processors.track.made import at, say
from treatywatch.model import Stage

FIRST, SECOND, NEW = (say(f"2025-05-0{n}", Stage.ANNOUNCED, owner=f"o{n}") for n in (1, 2, 3))
START = at("2025-06-01")


def test_signals_come_as_they_were_sent_whatever_the_order_of_their_items() -> None:
    """Two partitions of items may be read one before the other; the signals' own topic tells."""
    sent = [Sent(SECOND, START, 0, 7), Sent(FIRST, START, 0, 8)]

    heard = in_order([(START, FIRST), (START, SECOND)], sent, published=False)

    assert [one.signals[0].id for one in heard] == [SECOND.id, FIRST.id]


def test_a_signal_that_was_not_sent_comes_where_its_item_was_sent() -> None:
    """Between what was sent before and after."""
    sent = [Sent(FIRST, START, 0, 1), Sent(SECOND, START + timedelta(seconds=9), 0, 2)]
    found = [(START, FIRST), (START + timedelta(seconds=5), NEW), (START + timedelta(seconds=9), SECOND)]

    heard = in_order(found, sent, published=False)

    assert [one.signals[0].id for one in heard] == [FIRST.id, NEW.id, SECOND.id]
    assert [one.time for one in heard] == [at for at, _ in found]


def test_a_repeat_counts_where_it_came_first() -> None:
    """Delivered twice, or published again under a new generation."""
    again = msgspec.structs.replace(FIRST, generation=2)
    sent = [Sent(FIRST, START, 0, 1), Sent(SECOND, START, 0, 2), Sent(again, START + timedelta(days=1), 0, 3)]

    heard = in_order([(START, SECOND), (START, FIRST)], sent, published=True)

    assert [one.signals[0].id for one in heard] == [FIRST.id, SECOND.id]
    assert [one.time for one in heard] == [FIRST.published, SECOND.published]
