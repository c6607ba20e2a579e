"""The producers as the command line runs them: feeds for ever, a file once."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import msgspec
from aiohttp.abc import AbstractResolver

from producers.addresses import Admission
from producers.fetch import Fetcher
from producers.files import STDIN, lines, read_lines
from producers.fulltext import FullText, check_installed, wants
from producers.health import health, keep_told
from producers.mailbox import SOURCE, open_mailbox
from producers.outbox import Outbox, Sends, count
from producers.parse_pool import ParsePool
from producers.poll import SPACING_SECONDS, Poller, reporter, restore
from producers.publish import Publisher, committed, outgoing
from producers.state import Outgoing, State, file_name
from producers.turn import Turn
from treatywatch.account import Account
from treatywatch.feeds import Feed
from treatywatch.locate import config_dir
from treatywatch.metrics import Metrics
from treatywatch.model import DeadLetter, Item
from treatywatch.settings import Settings
from treatywatch.topics import ITEMS

BATCH = 2_000  # item lines that are acknowledged together
REMEMBERED = timedelta(days=400)  # as long as the topic keeps items
LOOK_SECONDS = 0.2  # how soon a stop is noticed

Progress = Callable[[int, float | None], None]


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def broker_run(state: Path) -> str:
    """Return the name of this life of the broker, kept beside the accounts, which are of one life too.

    Whoever starts a fresh broker empties that folder; then the next call makes a new name, and the outbox sends
    everything again.
    """
    file = state / "account" / "run"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_suffix(".draft")
        draft.write_text(uuid.uuid4().hex, encoding="ascii")
        draft.replace(file)
    return file.read_text(encoding="ascii")


def produce_feeds(
    settings: Settings,
    feeds: Sequence[Feed],
    state: Path,
    stop: threading.Event,
    *,
    metrics: Metrics,
    config: Path | None = None,
    keep: bool = False,
    group: str = "treatywatch",
    alert: bool = False,
    allow_private: bool = False,
    connect: Callable[[], Sends] | None = None,
    spacing: float = SPACING_SECONDS,
    admission: Admission | None = None,
    resolver: AbstractResolver | None = None,
) -> Account:
    """Poll the feeds, and look into the mailbox of the settings, and publish what is new, until `stop` is set.

    Returns the account of the stage. `config` is the configuration folder.

    Everything goes through the outbox in `state`. With `keep` (the embedded broker, which forgets) rows stay there
    until the consumer group `group` has passed them. `admission` and `resolver` say what may be connected to and where
    names lead, if not what the feeds file and the system say. Raises whatever ended the publishing thread.
    """
    if any(wants(settings.produce, feed) for feed in feeds):
        check_installed()
    memory, outbox, account = _outbox(settings, state, metrics, keep, group, connect)
    memory.forget(utc_now() - REMEMBERED)
    sources = [*feeds, *([SOURCE] if settings.produce.mailbox else [])]
    restore(metrics, sources, memory.feeds())

    def commit(done: Turn) -> None:
        records = [*map(outgoing, done.items), *map(outgoing, done.dead)]
        memory.commit(done.state, done.seen, records, utc_now())
        if records:
            outbox.wake()

    by_id = {feed.id: feed for feed in feeds}
    told = reporter(metrics)
    mailboxes = open_mailbox(settings.produce, config or config_dir(), memory, utc_now, commit, told, alert)

    async def poll() -> None:
        def report(feed: Feed, done: Turn) -> None:
            told(feed, done)
            for item in done.items:
                pages.offer(feed, item)

        async def amend(item: Item) -> bool:
            async with poller.between_turns(by_id[item.feed or ""]):
                written = await asyncio.to_thread(memory.amend, item.id, item.revision, [outgoing(item)])
            if written:
                outbox.wake()
            return written

        asked = asyncio.Event()
        admitted = admission or Admission.of((feed.url for feed in feeds), allow_private)
        async with (
            Fetcher(settings.produce, admitted, utc_now, resolver=resolver) as fetcher,
            ParsePool.of(settings.produce) as parser,
        ):
            poller = Poller(
                feeds,
                memory,
                fetcher,
                parser,
                settings.produce,
                utc_now,
                commit,
                report,
                alert=alert,
                allow_private=allow_private,
                spacing=spacing,
            )
            pages = FullText(settings.produce, fetcher, parser, poller.at_site, amend, utc_now, metrics)
            reading = asyncio.create_task(pages.run(asked))
            running = asyncio.gather(poller.run(asked), *(box.run(asked) for box in mailboxes))
            telling = asyncio.create_task(keep_told(state, lambda: health(sources, memory.feeds(), utc_now()), asked))
            try:
                while outbox.failure is None and not running.done():
                    if await asyncio.to_thread(stop.wait, LOOK_SECONDS):
                        break
            finally:
                asked.set()
                await telling
                await reading
                await running

    with _carried(memory, outbox):
        asyncio.run(poll())
    return account


def produce_items(
    settings: Settings,
    path: Path | str,
    state: Path,
    progress: Progress = lambda lines, fraction: None,
    stop: threading.Event | None = None,
    alert: bool = False,
    *,
    outbox: bool = False,
    owners: Mapping[str, str] | None = None,
    metrics: Metrics | None = None,
    group: str = "treatywatch",
    connect: Callable[[], Sends] | None = None,
) -> Account:
    """Publish a file of item lines (`-` for standard input) and return the account: received = passed + dead.

    Every item is back-filled history unless `alert` is set, and an item without an owner gets the one that `owners`
    knows for its outlet. Returns when the broker has acknowledged everything, or early when `stop` is set. `progress`
    hears how many lines are read and which fraction of the file, if that is known. With `outbox` (the embedded broker)
    a run that was killed is continued at the line where the outbox ends; `settle` ends the file.
    """
    name = file_name(Path(path)) if outbox and str(path) != STDIN else None
    reading = _Reading(path, name, progress, stop or threading.Event(), alert, owners or {})
    metrics = metrics or Metrics()
    if outbox:
        return _through_outbox(reading, *_outbox(settings, state, metrics, True, group, connect))
    with contextlib.closing(connect() if connect else Publisher(settings.kafka)) as carrier:
        return _straight(reading, carrier, metrics)


def settle(state: Path, committed: Mapping[str, int]) -> int:
    """Let the next start not send again what has been through every stage; returns how many items were let go.

    To be called when an item file is through: when everything that came of it is in the store, and its producer has
    ended. `committed` maps "topic-partition" to what the worker's group has committed. Dead letters stay an hour.
    """
    prefix = f"{ITEMS.name}-"
    passed = {int(place.removeprefix(prefix)): n for place, n in committed.items() if place.startswith(prefix)}
    with contextlib.closing(State(state)) as memory:
        # Not when the file has been read: a start after a kill would read it again beside the rows that are still here.
        memory.end_files()
        return memory.settle(ITEMS.name, passed, broker_run(state))


@dataclass(frozen=True, slots=True)
class _Reading:
    """An item file, and what its items become.

    `name` is what its progress is kept under; none for standard input, which cannot be read again.
    """

    path: Path | str
    name: str | None
    progress: Progress
    stop: threading.Event
    alert: bool
    owners: Mapping[str, str]

    def batches(self, skip: int, take: Callable[[Sequence[Outgoing], int], None]) -> None:
        """Hand the file's records over in batches, each with the number of lines up to its end."""
        done, fraction = skip, None

        def hear(part: float) -> None:
            nonlocal fraction
            fraction = part

        with lines(self.path, hear) as found:
            records = map(self._outgoing, read_lines(islice(found, skip, None), source=str(self.path)))
            while not self.stop.is_set() and (batch := list(islice(records, BATCH))):
                done += len(batch)
                take(batch, done)
                self.progress(done, fraction)

    def _outgoing(self, record: Item | DeadLetter) -> Outgoing:
        if isinstance(record, Item):
            owner = record.owner or self.owners.get(record.outlet)
            record = msgspec.structs.replace(record, backfill=not self.alert, owner=owner)
        return outgoing(record)


def _straight(reading: _Reading, carrier: Sends, metrics: Metrics) -> Account:
    account = Account("produce")

    def take(batch: Sequence[Outgoing], upto: int) -> None:
        for record, place in zip(batch, carrier.send(batch), strict=True):
            count(account, metrics, record, place)

    reading.batches(0, take)
    return account


def _through_outbox(reading: _Reading, memory: State, outbox: Outbox, account: Account) -> Account:
    name, stop = reading.name, reading.stop

    def take(batch: Sequence[Outgoing], upto: int) -> None:
        memory.append_file(name, upto, batch)
        outbox.wake()

    with _carried(memory, outbox):
        reading.batches(memory.file_lines(name) if name else 0, take)
        while not stop.is_set() and outbox.failure is None and not outbox.drained(LOOK_SECONDS):
            pass
    return account


@contextlib.contextmanager
def _carried(memory: State, outbox: Outbox) -> Iterator[None]:
    """Carry the outbox to the broker meanwhile; in the end close everything and raise what ended the carrying."""
    outbox.start()
    try:
        yield
    finally:
        outbox.stop()
        memory.close()
    if outbox.failure is not None:
        raise outbox.failure


def _outbox(
    settings: Settings,
    state: Path,
    metrics: Metrics,
    keep: bool,
    group: str,
    connect: Callable[[], Sends] | None,
) -> tuple[State, Outbox, Account]:
    memory = State(state)
    account = Account("produce", state / "account" / "produce.json")
    outbox = Outbox(
        memory,
        connect or (lambda: Publisher(settings.kafka)),
        broker_run(state),
        account,
        metrics,
        keep=keep,
        committed=lambda: committed(settings.kafka, group, ITEMS.name),
        now=utc_now,
    )
    return memory, outbox, account
