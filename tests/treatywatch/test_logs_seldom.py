"""A broker that is away does not fill the log."""

from __future__ import annotations

import logging

from treatywatch.logs import Seldom


def record(name: str, message: str) -> logging.LogRecord:
    return logging.LogRecord(name, logging.ERROR, "", 0, message, ("127.0.0.1",), None)


def test_client_of_a_broker_that_is_away_says_so_once_a_minute() -> None:
    """It tries every second; another message, and our own, are let through."""
    now = 0.0
    seldom = Seldom(lambda: now, 60)
    passed = []
    for second in range(120):
        now = float(second)
        passed.append(seldom.filter(record("kafka.net.manager", "Connection failed: %s")))

    assert [second for second, told in enumerate(passed) if told] == [0, 60]
    assert seldom.filter(record("kafka.net.manager", "Another: %s"))
    assert all(seldom.filter(record("producers.outbox", "the same")) for _ in range(3))
