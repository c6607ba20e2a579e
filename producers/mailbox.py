"""The depositary's mails as a source: a Maildir or a folder of `.eml` files, read as a feed is polled.

The mailbox is only read: nothing is moved, marked or deleted there, so a person or a mail program may share it. Which
mails have been read is remembered in the state file, by name and size, in the transaction that writes their items to
the outbox; so none is lost and none is sent twice by a kill. A mail that is no notification, or is not from the
depositary, becomes one dead letter.
"""

from __future__ import annotations

import asyncio
import hashlib
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec
import structlog

from producers import identity
from producers.depositary import Names, Notification, entry, read_notifications
from producers.identity import Named, Verdict
from producers.mail import MailError, Trust, read_mail
from producers.memory import FeedState, Seen
from producers.state import State
from producers.turn import Turn
from treatywatch import __version__
from treatywatch.actors import load_actors
from treatywatch.feeds import Feed
from treatywatch.item_lines import KEPT_BYTES
from treatywatch.model import DeadLetter, Item
from treatywatch.register import load_register
from treatywatch.settings import Produce
from treatywatch.wire import digest

SOURCE = Feed(
    id="un-depositary-mail",
    url="https://treaties.un.org/Pages/CNs.aspx",
    outlet="United Nations Treaty Collection",
    owner="United Nations",
    language="en",
    kind="depositary",
)
MAX_MAIL = 2_000_000  # bytes; a notification with its authentic texts has less
AT_ONCE = 200  # mails of one turn

log = structlog.get_logger("mailbox")


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as it lies in the mailbox; `data` is its beginning where it is larger than MAX_MAIL."""

    key: str
    data: bytes
    size: int


@dataclass(frozen=True, slots=True)
class Told:
    """The notifications of a mail, and when it was sent."""

    notifications: tuple[Notification, ...]
    sent: datetime | None


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a mail is not taken: too_large, malformed, unverified_sender, no_notification; and the line for a person."""

    reason: str
    error: str


@dataclass
class Mailbox:
    """The mailbox, and what is needed to read it."""

    folder: Path
    state: State
    names: Names
    trust: Trust
    now: Callable[[], datetime]
    commit: Callable[[Turn], None]
    report: Callable[[Feed, Turn], None]
    seconds: float
    alert: bool = False

    async def run(self, stop: asyncio.Event) -> None:
        """Look into the mailbox every so many seconds until `stop` is set."""
        while not stop.is_set():
            more = await asyncio.to_thread(self.look)
            if not more:
                try:
                    await asyncio.wait_for(stop.wait(), self.seconds)
                except TimeoutError:
                    continue

    def look(self) -> bool:
        """Read what is new, at most AT_ONCE mails, and commit it; says whether there is more."""
        remembered = self.state.feeds().get(SOURCE.id) or FeedState(feed=SOURCE.id, url=SOURCE.url)
        before = msgspec.structs.replace(remembered, interval=self.seconds, pace=self.seconds)
        try:
            letters, more = self._unread()
        except OSError as error:
            done = failed(before, f"{self.folder}: {error.strerror or error}")
            self.commit(done)
            self.report(SOURCE, done)
            return False
        read = [read_letter(letter, self.trust) for letter in letters]
        ids = [item_id(said) for one in read if isinstance(one, Told) for said in one.notifications]
        known, _ = self.state.seen(ids, ())
        done = turn(before, letters, read, known, self.names, self.now(), self.alert)
        self.commit(done)
        self.report(SOURCE, done)
        return more

    def _unread(self) -> tuple[list[Letter], bool]:
        files = sorted(_files(self.folder), key=lambda found: (found[2], found[1]))
        keys = {path: digest(SOURCE.id, "mail", name, size) for path, name, _, size in files}
        known, _ = self.state.seen(keys.values(), ())
        new = [(path, size) for path, _, _, size in files if keys[path] not in known]
        letters = []
        for path, size in new[:AT_ONCE]:
            try:
                with path.open("rb") as file:
                    letters.append(Letter(keys[path], file.read(MAX_MAIL), size))
            except FileNotFoundError:
                continue  # moved from new to cur meanwhile; found there the next time
        return letters, len(new) > AT_ONCE


def open_mailbox(
    settings: Produce,
    config: Path,
    state: State,
    now: Callable[[], datetime],
    commit: Callable[[Turn], None],
    report: Callable[[Feed, Turn], None],
    alert: bool = False,
) -> tuple[Mailbox, ...]:
    """Return the mailbox of the settings, or none. Raises ConfigError where states or treaties cannot be read."""
    if settings.mailbox is None:
        return ()
    names = Names(load_actors(config), load_register(config))
    trust = Trust(settings.mailbox_from, settings.mailbox_authority)
    if trust.authority is None:
        log.warning("mailbox_sender_unverified", mailbox=settings.mailbox, remedy="set produce.mailbox_authority")
    folder = Path(settings.mailbox).expanduser()
    return (Mailbox(folder, state, names, trust, now, commit, report, settings.mailbox_seconds, alert),)


def read_letter(letter: Letter, trust: Trust) -> Told | Refused:
    """Return what a mail tells, or why it is not taken. Pure."""
    if letter.size > MAX_MAIL:
        return Refused("too_large", f"{letter.size} bytes; at most {MAX_MAIL} are read")
    try:
        mail = read_mail(letter.data)
    except MailError as error:
        return Refused("malformed", f"no mail: {error}")
    if why := trust.refusal(mail):
        return Refused("unverified_sender", f"not taken for the depositary's word: {why}")
    found = read_notifications(mail.subject, mail.text)
    if not found:
        return Refused("no_notification", "a mail of the depositary without a reference C.N.….TREATIES-…")
    return Told(found, mail.sent)


def turn(
    before: FeedState,
    letters: Sequence[Letter],
    read: Sequence[Told | Refused],
    known: Mapping[str, Seen],
    names: Names,
    now: datetime,
    alert: bool,
) -> Turn:
    """Return what a look into the mailbox comes to. Pure.

    A notification is one item under its reference, however often it is mailed; one that is issued anew with another
    text is its next revision, but a copy that says less (in another language, without its text) replaces nothing.
    Only what was sent more than 72 h ago is back-filled: mails come to us, so the first look shows no old page.
    """
    memory = dict(known)
    items: list[Item] = []
    dead: list[DeadLetter] = []
    same = 0
    for letter, one in zip(letters, read, strict=True):
        if isinstance(one, Refused):
            dead.append(_dead(letter, one, now))
            continue
        for said in one.notifications:
            told = entry(said, names, one.sent)
            verdict, seen = identity.judge(Named(item_id(said), None, told), memory, {})
            if verdict is Verdict.KNOWN or (verdict is Verdict.EDITED and not said.complete):
                same += 1
                continue
            earlier = memory.get(seen.id) if verdict is Verdict.EDITED else None
            items.append(identity.item(SOURCE, told, seen, earlier, now, first=False, alert=alert))
            memory[seen.id] = seen
    marks = tuple(Seen(id=one.key, twin=None, revision=1, text_hash=one.key, title="") for one in letters)
    changed = tuple(memory[key] for key in dict.fromkeys(item.id for item in items))
    after = msgspec.structs.replace(
        before,
        failures=0,
        failure=None,
        last_success=now,
        last_item=now if items else before.last_item,
        items=before.items + len(items),
        duplicates=before.duplicates + same,
        bytes=before.bytes + sum(one.size for one in letters),
    )
    outcome = "items" if items else "unchanged"
    return Turn(
        after, outcome, None, tuple(items), (*changed, *marks), tuple(dead), same, sum(one.size for one in letters)
    )


def failed(before: FeedState, why: str) -> Turn:
    """Return the turn of a mailbox that cannot be read."""
    after = msgspec.structs.replace(before, failures=before.failures + 1, failure=f"unreachable: {why}")
    return Turn(after, "unreachable", after.failure)


def item_id(said: Notification) -> str:
    """Return the item id of a notification."""
    return digest(SOURCE.id, said.reference)


def _dead(letter: Letter, why: Refused, now: datetime) -> DeadLetter:
    return DeadLetter(
        stage="produce",
        reason=why.reason,
        error=why.error,
        source=f"feed {SOURCE.id}",
        at=now,
        key=letter.key,
        value=letter.data[:KEPT_BYTES],
        length=letter.size,
        sha256=hashlib.sha256(letter.data).hexdigest(),
        version=__version__,
    )


def _files(folder: Path) -> Iterator[tuple[Path, str, float, int]]:
    """Yield (path, name, time, size) of each mail: of a Maildir what is in `new` and `cur`, else every `.eml`.

    The name is without the flags behind it, so a mail that is marked as read keeps it. Only plain files: no link leads
    out of the mailbox, and no pipe blocks.
    """
    maildir = (folder / "cur").is_dir()
    for place in (folder / "new", folder / "cur") if maildir else (folder,):
        for path in place.iterdir():
            try:
                status = path.lstat()
            except FileNotFoundError:
                continue  # moved meanwhile
            if stat.S_ISREG(status.st_mode) and (maildir or path.suffix.lower() == ".eml"):
                yield path, path.name.partition(":2,")[0], status.st_mtime, status.st_size
