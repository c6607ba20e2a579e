"""A site that says "come later" of one feed says it of all that are there. Pure.

A 429 or 5xx with a Retry-After holds every feed of the same registrable domain (of the same host and port for private
addresses), and every redirect to it; where a redirect led to who said it, that site is held and not the first. The
longest hold counts; it is in the state of the feed that was told, so it survives a restart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from producers.fetch import Fault
from producers.memory import FeedState
from producers.turn import Turn

_OF_THE_SITE = frozenset({Fault.TOO_MANY_REQUESTS.value, Fault.SERVER_ERROR.value})


def hold_after(before: datetime | None, done: Turn) -> datetime | None:
    """Return until when a site is to be left alone after one of its feeds has had its turn."""
    if done.outcome not in _OF_THE_SITE or done.state.hold_until is None:
        return before
    return done.state.hold_until if before is None else max(before, done.state.hold_until)


def remembered_holds(states: Iterable[FeedState], site: Callable[[str], str], now: datetime) -> dict[str, datetime]:
    """Return the holds that still run, by site, from what is remembered of the feeds."""
    holds: dict[str, datetime] = {}
    for state in states:
        told = (state.failure or "").partition(":")[0] in _OF_THE_SITE
        if told and state.hold_until is not None and state.hold_until > now:
            name = site(state.held_by or state.current_url)
            holds[name] = max(holds.get(name, state.hold_until), state.hold_until)
    return holds
