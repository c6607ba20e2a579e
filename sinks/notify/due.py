"""Decide what is to be sent. Pure: the clock and what has been taken on already are arguments."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from sinks.alertable import alertable
from sinks.names import Names
from sinks.notify.message import Message, build
from treatywatch.model import Case


def due_messages(
    cases: Iterable[Case],
    *,
    now: datetime,
    hold: timedelta,
    known: Callable[[str], bool],
    names: Names,
    link_base: str,
    others: Callable[[Case], Iterable[Case]] = lambda case: (),
) -> list[Message]:
    """Write a message for each alertable transition younger than `hold` that is not `known`, oldest first.

    `others` gives the cases of the same treaty, for the background.
    """
    found = [
        (transition.alertable_at or now, transition.id, build(case, transition, names, link_base, others(case)))
        for case in cases
        for transition in alertable(case, now, hold)
        if not known(transition.id)
    ]
    return [message for _, _, message in sorted(found, key=lambda row: row[:2])]
