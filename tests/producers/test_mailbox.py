"""Mails, hostile and not, in a mailbox that is only read. The texts are illustrative."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.depositary import Names
from producers.mail import Mail, MailError, Trust, read_mail
from producers.mailbox import AT_ONCE, MAX_MAIL, SOURCE, Letter, Mailbox, Refused, Told, read_letter
from producers.once import poll_once
from producers.publish import outgoing
from producers.state import State
from producers.turn import Turn
from tests.producers.feed_server import Clock
from tests.producers.letters import LITHUANIA, SUBJECT, letter
from treatywatch.actors import load_actors
from treatywatch.feeds import Feed
from treatywatch.locate import config_dir
from treatywatch.register import load_register
from treatywatch.settings import Produce

NAMES = Names(load_actors(config_dir()), load_register(config_dir()))
OURS = "mx.desk.example"
UN = Trust(("un.org",))
STRICT = Trust(("un.org",), OURS)
SIGNED = f"{OURS}; dkim=pass header.d=un.org header.s=s1; spf=pass"


def refusal(trust: Trust, **parts: str) -> str | None:
    return trust.refusal(read_mail(letter(**parts)))


@dataclass
class Desk:
    """A mailbox with its state, and what came of each look."""

    folder: Path
    home: Path
    clock: Clock = field(default_factory=lambda: Clock(datetime(2025, 6, 30, 15, 0, tzinfo=UTC)))
    trust: Trust = UN
    turns: list[Turn] = field(default_factory=list)
    before_commit: Callable[[], None] = lambda: None

    def look(self) -> Turn:
        """Look once, with a state file that is opened anew, as after a restart."""
        state = State(self.home)

        def commit(done: Turn) -> None:
            self.before_commit()
            records = [*map(outgoing, done.items), *map(outgoing, done.dead)]
            state.commit(done.state, done.seen, records, self.clock())

        def report(feed: Feed, done: Turn) -> None:
            assert feed is SOURCE
            self.turns.append(done)

        try:
            Mailbox(self.folder, state, NAMES, self.trust, self.clock, commit, report, 60.0).look()
        finally:
            state.close()
        return self.turns[-1]

    def waiting(self) -> int:
        """Return how many records are in the outbox."""
        state = State(self.home)
        try:
            return state.waiting()
        finally:
            state.close()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A folder of .eml files with one notification."""
    folder = tmp_path / "mail"
    folder.mkdir()
    (folder / "1.eml").write_bytes(letter())
    return Desk(folder, tmp_path / "state")


def test_mail_becomes_an_item_once(desk: Desk) -> None:
    """Also after a restart, and where the same notification is mailed again under another name."""
    (item,) = desk.look().items
    (desk.folder / "2.eml").write_bytes(letter(X_Copy="yes"))
    again = desk.look()

    assert item.title.startswith("Lithuania notified the depositary on 27 June 2025")
    assert (again.items, again.known) == ((), 1)
    assert desk.look().known == 0  # neither mail is read again
    assert desk.waiting() == 1


def test_mail_is_not_lost_by_a_kill_before_the_commit(desk: Desk) -> None:
    """What was not written was not read."""

    def die() -> None:
        raise KeyboardInterrupt

    desk.before_commit = die
    with pytest.raises(KeyboardInterrupt):
        desk.look()
    desk.before_commit = lambda: None

    assert len(desk.look().items) == 1
    assert desk.waiting() == 1


def test_maildir_is_read_and_left_as_it_is(tmp_path: Path) -> None:
    """Mail in `new` and `cur`, not in `tmp`; one that a person marks as read moves, and is no new one."""
    folder = tmp_path / "Maildir"
    for name in ("new", "cur", "tmp"):
        (folder / name).mkdir(parents=True)
    (folder / "new" / "1751.M1.host").write_bytes(letter())
    (folder / "tmp" / "1751.M2.host").write_bytes(letter(text=LITHUANIA.replace("385", "999")))
    desk = Desk(folder, tmp_path / "state")

    assert len(desk.look().items) == 1
    assert (folder / "new" / "1751.M1.host").exists()
    (folder / "new" / "1751.M1.host").rename(folder / "cur" / "1751.M1.host:2,S")
    assert (desk.look().items, desk.look().known) == ((), 0)


def test_notification_issued_anew_is_a_revision_and_a_poorer_copy_is_not(desk: Desk) -> None:
    """A corrected date amends the item; a mail that only names the reference replaces nothing."""
    (first,) = desk.look().items
    (desk.folder / "2.eml").write_bytes(letter(text=LITHUANIA.replace("27 December", "28 December")))
    (second,) = desk.look().items
    (desk.folder / "3.eml").write_bytes(letter(text="The document is attached."))
    third = desk.look()

    assert (second.id, second.revision) == (first.id, 2)
    assert second.previous is not None
    assert second.previous.title == first.title
    assert (third.items, third.known) == ((), 1)


def test_old_mail_is_back_filled_and_a_new_one_is_news(desk: Desk) -> None:
    """Also at the first look: mails come to us, so it shows no old page."""
    (desk.folder / "0.eml").write_bytes(
        letter(text=LITHUANIA.replace("385", "115"), date="Mon, 10 Mar 2025 14:00:00 +0000", subject="x")
    )
    items = {item.url: item.backfill for item in desk.look().items}

    assert sorted(items.values()) == [False, True]


def test_mail_that_is_no_notification_is_one_dead_letter(desk: Desk) -> None:
    """With its bytes and the reason; it is not looked at again."""
    (desk.folder / "2.eml").write_bytes(letter(subject="Newsletter", text="Nothing."))
    (desk.folder / "3.eml").write_bytes(letter(sender="Somebody <a@phish.example>"))
    first = desk.look()

    assert sorted(dead.reason for dead in first.dead) == ["no_notification", "unverified_sender"]
    assert all(b"Subject:" in dead.value for dead in first.dead)
    assert desk.look().dead == ()


def test_folder_that_is_gone_is_a_failure_and_comes_back(desk: Desk) -> None:
    """A mount that is away is no empty mailbox."""
    away = desk.folder.rename(desk.folder.with_name("away"))
    failed = desk.look()
    away.rename(desk.folder)
    back = desk.look()

    assert failed.outcome == "unreachable"
    assert failed.state.failures == 1
    assert (len(back.items), back.state.failures) == (1, 0)


def test_full_mailbox_is_read_in_parts(tmp_path: Path) -> None:
    """No transaction grows with the mailbox, and no mail is skipped."""
    folder = tmp_path / "mail"
    folder.mkdir()
    for number in range(AT_ONCE + 3):
        text = LITHUANIA.replace("C.N.385.", f"C.N.{number}.")
        (folder / f"{number:04}.eml").write_bytes(letter(text=text, subject="x"))
    desk = Desk(folder, tmp_path / "state")

    assert [len(desk.look().items) for _ in range(3)] == [AT_ONCE, 3, 0]


def test_links_and_pipes_in_the_mailbox_are_not_opened(desk: Desk, tmp_path: Path) -> None:
    """A link could lead out of the mailbox, and a pipe would block for ever."""
    secret = tmp_path / "secret.eml"
    secret.write_bytes(letter(text=LITHUANIA.replace("385", "7")))
    (desk.folder / "link.eml").symlink_to(secret)
    os.mkfifo(desk.folder / "pipe.eml")
    (desk.folder / "note.txt").write_text("no mail", encoding="utf-8")

    assert len(desk.look().items) == 1


@pytest.mark.parametrize(
    ("trust", "parts", "taken"),
    [
        (UN, {}, True),
        (UN, {"sender": "treaty@untreaty.un.org"}, True),
        (UN, {"sender": "treaty@un.org.phish.example"}, False),
        (UN, {"sender": "treaty@notun.org"}, False),
        (UN, {"sender": '"treaty@un.org" <a@phish.example>'}, False),
        (UN, {"sender": "nobody"}, False),
        (UN, {"Authentication_Results": "mx.example; dkim=fail header.d=un.org"}, False),
        (STRICT, {}, False),
        (STRICT, {"Authentication_Results": SIGNED}, True),
        (STRICT, {"Authentication_Results": f"{OURS}; dmarc=pass header.from=un.org"}, True),
        (STRICT, {"Authentication_Results": SIGNED, "sender": "treaty@mail.un.org"}, True),
        (STRICT, {"Authentication_Results": SIGNED.replace("un.org", "phish.example")}, False),
        (STRICT, {"Authentication_Results": SIGNED.replace("dkim=pass", "dkim=fail")}, False),
        (STRICT, {"Authentication_Results": SIGNED.replace(OURS, "mx.phish.example")}, False),
        (STRICT, {"Authentication_Results": f"{OURS}; spf=pass smtp.mailfrom=un.org"}, False),
        (STRICT, {"Authentication_Results": f"{OURS}.phish.example; dkim=pass header.d=un.org"}, False),
    ],
)
def test_sender_is_checked(trust: Trust, parts: dict[str, str], taken: bool) -> None:
    """The From alone where no server of ours is named; with one, only what that server found to be signed by it."""
    assert (refusal(trust, **parts) is None) == taken


def test_mail_with_two_senders_is_refused() -> None:
    """One of them is what a person sees, the other what a filter reads."""
    twice = b"From: a@phish.example\n" + letter()

    assert UN.refusal(read_mail(twice)) is not None


@pytest.mark.parametrize("subtype", ["plain", "html"])
def test_text_is_read_line_by_line(subtype: str) -> None:
    """Also of a mail that is a page."""
    text = "".join(f"<p>{line}</p>" for line in LITHUANIA.splitlines()) if subtype == "html" else LITHUANIA
    read = read_letter(Letter("k", letter(text=text, subtype=subtype), 1), UN)

    assert isinstance(read, Told)
    assert [said.action for said in read.notifications] == ["NOTIFICATION OF WITHDRAWAL"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00\xff" * 5_000,
        b"From: " + b"(" * 100_000 + b"\n\n",
        b"Subject: =?utf-99?q?x?=\nFrom: a@un.org\n\nx",
        b"From: a@un.org\nContent-Type: text/plain; charset=nonsense\n\nx",
        b"From: a@un.org\nContent-Transfer-Encoding: base64\n\n!!!!",
        b"From: a@un.org\nDate: Fri, 99 Foo 0000 99:99:99 +9999\n\nx",
        b"".join(b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(3_000)),
        letter(text="C.N.1.2025.TREATIES-" + "X" * 100_000),
        letter(text="A: B\n" * 40_000),
        letter(text="C.N.1.2025.TREATIES-I.1\n" * 8_000),
    ],
    ids=["empty", "noise", "comments", "charset", "charset-2", "base64", "date", "nested", "long", "acts", "many"],
)
def test_hostile_mail_gives_a_value(data: bytes) -> None:
    """Whatever it holds, it is told or refused, in bounded time (the test has a time limit)."""
    assert isinstance(read_letter(Letter("k", data, len(data)), UN), Told | Refused)


def test_mail_that_is_too_large_is_refused_unread() -> None:
    """By its size in the mailbox, not by what was read of it."""
    read = read_letter(Letter("k", letter(), MAX_MAIL + 1), UN)

    assert isinstance(read, Refused)
    assert read.reason == "too_large"


@given(st.binary(max_size=400))
def test_any_bytes_are_a_mail_or_none(data: bytes) -> None:
    """Reading raises nothing else."""
    with contextlib.suppress(MailError):
        assert isinstance(read_mail(data), Mail)


async def test_produce_once_reads_the_mailbox_too(desk: Desk, tmp_path: Path) -> None:
    """As item lines, each once; a mailbox that is away is a failure with its name."""
    settings = Produce(mailbox=str(desk.folder))

    async def once() -> tuple[int, list[str], str]:
        out, err = io.BytesIO(), io.StringIO()
        clock = desk.clock
        status = await asyncio.to_thread(poll_once, (), tmp_path / "s", out, err, settings=settings, now=clock)
        return status, [json.loads(line)["title"] for line in out.getvalue().splitlines()], err.getvalue()

    status, titles, _ = await once()
    assert (status, [title[:30] for title in titles]) == (0, ["Lithuania notified the deposit"])
    assert (await once())[:2] == (0, [])
    desk.folder.rename(tmp_path / "gone")
    status, _, told = await once()
    assert status == 1
    assert told.startswith(f"{SOURCE.id}: unreachable: ")


def test_subject_names_the_notification() -> None:
    """A mail whose subject is written in encoded words."""
    data = letter(subject=f"{SUBJECT}: TÜRKIYE: WITHDRAWAL", text="See the attachment.")
    read = read_letter(Letter("k", data, 1), UN)

    assert isinstance(read, Told)
    assert [(said.party, said.action) for said in read.notifications] == [("TÜRKIYE", "WITHDRAWAL")]
