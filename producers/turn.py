"""One turn of a feed: from what was remembered and what came back, what to publish and what to remember. Pure.

    ask ──> fetch (fetch.py) ──> parse (parse_pool.py) ──> read ──> look up what is known (state.py) ──> turn ──> commit

Each entry is counted once: entries = new + edited + known + bad.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from producers import flood, identity, schedule
from producers.entries import BadEntry, Parsed, Unparsable
from producers.fetch import Answer, Ask, Failed, Fault
from producers.identity import Named, Verdict
from producers.memory import FeedState, Seen
from producers.rhythm import observe, turnover
from producers.schedule import Limits
from treatywatch import __version__
from treatywatch.feeds import Feed
from treatywatch.model import DeadLetter, Item
from treatywatch.wire import digest

ADOPT_AFTER = 3  # sightings in a row of the same permanent redirect
_SOONER = 8  # so much sooner is a feed probed again whose last probe found something new
HELD = "held"  # the outcome of a feed that was not asked


@dataclass(frozen=True, slots=True)
class Turn:
    """What one poll comes to. `outcome` is bounded, for metrics; `failure` is the line for a person, or none."""

    state: FeedState
    outcome: str
    failure: str | None = None
    items: tuple[Item, ...] = ()
    seen: tuple[Seen, ...] = ()
    dead: tuple[DeadLetter, ...] = ()
    known: int = 0
    bytes: int = 0  # of the body, decompressed
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Read:
    """A body that was read; `named` is empty where it was the body of the last time."""

    body_hash: str
    parsed: Parsed | None
    named: tuple[Named, ...] = ()


def begin(feed: Feed, remembered: FeedState | None) -> FeedState:
    """Return the state to poll a feed with; a changed address in the feeds file forgets all but that it was polled."""
    if remembered is None:
        return FeedState(feed=feed.id, url=feed.url)
    if remembered.url == feed.url:
        return remembered
    return FeedState(feed=feed.id, url=feed.url, last_success=remembered.last_success, last_item=remembered.last_item)


def probes(state: FeedState, bounds: Limits) -> bool:
    """Say whether this poll asks without validators, to find out whether "not modified" is still true."""
    return state.lies or state.in_doubt or _probes_by_turn(state, bounds)


def _probes_by_turn(state: FeedState, bounds: Limits) -> bool:
    every = max(1, bounds.probe_every // _SOONER) if state.suspect else bounds.probe_every
    return state.unchanged_in_a_row >= every


def ask(state: FeedState, bounds: Limits) -> Ask:
    """Return what to ask for."""
    if probes(state, bounds):
        return Ask(state.current_url)
    return Ask(state.current_url, state.etag, state.last_modified, state.validators_url)


def body_hash(answer: Answer) -> str | None:
    """Return the hash of an answer's body, none where it has none. A body equal to the last one is not parsed."""
    return None if answer.body is None else hashlib.sha256(answer.body).hexdigest()


def read(state: FeedState, hashed: str | None, parsed: Parsed | None) -> Read | None:
    """Put a body's hash and its entries, where it was parsed, together; none where there was no body."""
    if hashed is None:
        return None
    return Read(hashed, parsed, identity.name(state.feed, parsed.entries) if parsed else ())


def failed(state: FeedState, bounds: Limits, now: datetime, outcome: Failed | Unparsable) -> Turn:
    """Return the turn of a feed that gave no answer, or none that can be read."""
    if isinstance(outcome, Failed):
        reason, detail, hold = outcome.fault.value, outcome.detail, outcome.retry_after
        kept = state
    else:
        reason, detail, hold = outcome.reason, outcome.error, None
        # "Not modified" must not hide that what is there cannot be read.
        kept = msgspec.structs.replace(state, etag=None, last_modified=None, validators_url=None, body_hash=None)
    gone = reason == Fault.GONE
    failures = state.failures + 1
    line = f"{reason}: {detail}"
    after = msgspec.structs.replace(
        kept,
        failures=failures,
        failure=line,
        hold_until=hold,
        held_by=outcome.url if isinstance(outcome, Failed) and hold is not None else None,
        gone=gone,
        in_doubt=False,
        moving_to=None,
        moving_seen=0,
        due=None if gone else schedule.due_after_failure(now, state.feed, failures, hold, bounds, state.quiet),
    )
    notes = ("gone: the server says 410; not polled again until its address in the feeds file changes",) if gone else ()
    return Turn(after, reason, line, notes=notes)


def held(state: FeedState, bounds: Limits, until: datetime, by: str | None = None) -> Turn:
    """Return the turn of a feed that was not asked, because its site has asked for a rest until a moment.

    `by` is the address that it is redirected to, where that one's site has.
    """
    due = schedule.due_after_hold(state.feed, until, bounds)
    after = msgspec.structs.replace(state, hold_until=until, held_by=by, due=due)
    return Turn(after, HELD, f"not polled: its site has asked not to come before {until:%Y-%m-%dT%H:%M:%SZ}")


def succeeded(
    feed: Feed,
    state: FeedState,
    bounds: Limits,
    now: datetime,
    answer: Answer,
    read: Read | None,
    known: Mapping[str, Seen],
    twins: Mapping[str, str],
    alert: bool = False,
) -> Turn:
    """Return the turn of a feed that answered: its new and edited items, and the state that goes with them.

    `known` holds what is remembered of the entries, and `twins` the ids under which their twins are remembered.
    """
    first = state.last_success is None
    news: list[tuple[Item | DeadLetter, Seen]] = []
    same = 0
    for named in read.named if read else ():
        verdict, seen = identity.judge(named, known, twins)
        if verdict is Verdict.KNOWN:
            same += 1
            continue
        before = known.get(seen.id) if verdict is Verdict.EDITED else None
        news.append((identity.item(feed, named.entry, seen, before, now, first, alert), seen))
    news += _dead(feed, read.parsed.bad if read and read.parsed else (), known, now)
    after, lies = _answered(state, bounds, answer, read)
    after, moves = _moved(after, answer)
    after, room, floods = _within_the_day(after, now, [_size(record) for record, _ in news])
    news = news[:room]
    items = tuple(record for record, _ in news if isinstance(record, Item))
    dead = tuple(record for record, _ in news if isinstance(record, DeadLetter))
    after = _scheduled(after, bounds, now, answer, len(items), len(read.named) if read else 0)
    after = msgspec.structs.replace(
        after,
        items=state.items + len(items),
        duplicates=state.duplicates + same,
        bytes=state.bytes + len(answer.body or b""),
    )
    outcome = "items" if items else "not_modified" if answer.body is None else "unchanged"
    return Turn(
        after,
        outcome,
        None,
        items,
        tuple(seen for _, seen in news),
        dead,
        same,
        len(answer.body or b""),
        (*lies, *moves, *floods),
    )


def _size(record: Item | DeadLetter) -> int:
    return len(record.title) + len(record.summary) if isinstance(record, Item) else record.length


def _within_the_day(state: FeedState, now: datetime, sizes: Sequence[int]) -> tuple[FeedState, int, tuple[str, ...]]:
    """Count what a feed brings today, and say how much of it is taken; what is left is looked at again."""
    before = flood.brought(state.day, state.day_items, state.day_characters, now)
    room, spent = flood.admit(before, sizes)
    after = msgspec.structs.replace(state, day=spent.day, day_items=spent.items, day_characters=spent.characters)
    if room == len(sizes):
        return after, room, ()
    after = msgspec.structs.replace(after, etag=None, last_modified=None, validators_url=None, body_hash=None)
    left = len(sizes) - room
    return after, room, (f"flood: {spent.items} items today, as many as one feed may bring; {left} entries wait",)


def _answered(state: FeedState, bounds: Limits, answer: Answer, read: Read | None) -> tuple[FeedState, tuple[str, ...]]:
    """Remember the validators verbatim, and find out a server that says "not modified" of what was."""
    if read is None:
        return msgspec.structs.replace(state, unchanged_in_a_row=state.unchanged_in_a_row + 1), ()
    changed = read.body_hash != state.body_hash
    same_validator = answer.etag == state.etag if state.etag else answer.last_modified == state.last_modified
    # One change that comes with a new mark just when we probe may be chance, two with nothing but 304 between are not.
    surprise = _probes_by_turn(state, bounds) and changed
    lied = probes(state, bounds) and not state.lies and changed and (same_validator or (surprise and state.suspect))
    notes = ("lies: says not modified of a feed that was; asked without validators from now on",) if lied else ()
    after = msgspec.structs.replace(
        state,
        etag=answer.etag,
        last_modified=answer.last_modified,
        validators_url=answer.url,
        body_hash=read.body_hash,
        ttl_seconds=read.parsed.ttl_seconds if read.parsed else state.ttl_seconds,
        quiet=read.parsed.quiet if read.parsed else state.quiet,
        hub=answer.hub or (read.parsed.hub if read.parsed else state.hub),
        unchanged_in_a_row=0,
        suspect=surprise and not lied,
        lies=state.lies or lied,
    )
    return after, notes


def _moved(state: FeedState, answer: Answer) -> tuple[FeedState, tuple[str, ...]]:
    """Adopt the target of a permanent redirect once it has been the same often enough in a row."""
    if answer.moved is None:
        return msgspec.structs.replace(state, moving_to=None, moving_seen=0), ()
    sightings = state.moving_seen + 1 if answer.moved == state.moving_to else 1
    if sightings < ADOPT_AFTER:
        return msgspec.structs.replace(state, moving_to=answer.moved, moving_seen=sightings), ()
    after = msgspec.structs.replace(state, moved_url=answer.moved, moving_to=None, moving_seen=0)
    return after, (f"moved: to {answer.moved}, after {sightings} permanent redirects; change the feeds file",)


def _scheduled(state: FeedState, bounds: Limits, now: datetime, answer: Answer, items: int, entries: int) -> FeedState:
    in_doubt = answer.body is None and state.failures > 0  # "not modified" never clears a failure; a body does
    elapsed = (now - state.last_success).total_seconds() if state.last_success else 0.0
    rhythm = state.rhythm
    if not in_doubt:
        rhythm = observe(rhythm, elapsed, items if state.last_success else 0)  # the first poll finds the past
    hint = max(state.ttl_seconds or 0.0, answer.fresh_seconds or 0.0) or None
    bounds = schedule.allowing(bounds, hint)
    interval = schedule.interval_after(state.interval, rhythm.gap, turnover(elapsed, items, entries), bounds)
    hold = answer.retry_after
    due = schedule.due_after_success(now, state.feed, interval, hint, hold, bounds, state.quiet)
    planned = (due - now).total_seconds()  # longer than the pace after a quiet time or a hold
    return msgspec.structs.replace(
        state,
        failures=state.failures if in_doubt else 0,
        failure=state.failure if in_doubt else None,
        in_doubt=in_doubt,
        gone=False,
        hold_until=hold,
        held_by=None,
        rhythm=rhythm,
        interval=interval,
        pace=max(schedule.pace(interval, hint, bounds), planned),
        due=due,
        last_success=state.last_success if in_doubt else now,
        last_item=now if items else state.last_item,
    )


def _dead(
    feed: Feed, bad: Sequence[BadEntry], known: Mapping[str, Seen], now: datetime
) -> list[tuple[DeadLetter, Seen]]:
    """Make a dead letter of each entry that could not be read, once, however often the feed shows it."""
    letters: dict[str, DeadLetter] = {}
    for entry in bad:
        key = bad_id(feed.id, entry)
        source = entry.source.encode("utf-8", errors="replace")
        if key not in known:
            letters[key] = DeadLetter(
                stage="produce",
                reason=entry.reason,
                error=entry.error,
                source=f"feed {feed.id}",
                at=now,
                key=key,
                value=source,
                length=len(source),
                sha256=hashlib.sha256(source).hexdigest(),
                version=__version__,
            )
    return [(letter, Seen(id=key, twin=None, revision=1, text_hash=key, title="")) for key, letter in letters.items()]


def bad_id(feed: str, entry: BadEntry) -> str:
    """Name an entry that could not be read, so that it is known the next time."""
    return digest(feed, "bad", entry.reason, entry.source)
