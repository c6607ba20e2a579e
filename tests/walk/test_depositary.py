"""A depositary's mail, from its bytes to the case that it confirms. The texts are illustrative, the facts are true."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from processors.detect.pipeline import load_detector
from processors.handle import Source, handle_item, handle_signal
from processors.track.advance import load_rules
from producers.depositary import Names, entry, read_notifications
from producers.entries import FeedEntry
from producers.mail import Trust
from producers.mailbox import SOURCE, Letter, read_letter, turn
from producers.memory import FeedState
from tests.producers.letters import OTTAWA, SUBJECT, letter
from treatywatch import wire
from treatywatch.account import Outcome
from treatywatch.actors import load_actors
from treatywatch.locate import config_dir
from treatywatch.model import Action, Case, Flag, Institution, Item, Severity, Stage
from treatywatch.register import load_register
from treatywatch.topics import ITEMS, SIGNALS

CONFIG = config_dir()
DETECTOR = load_detector(CONFIG)
NAMES = Names(load_actors(CONFIG), load_register(CONFIG))
NOW = datetime(2025, 6, 30, 15, 0, tzinfo=UTC)


def told(act: str, reference: str = "C.N.1.2025.TREATIES-XXVI.5", subject: str = "") -> FeedEntry:
    text = OTTAWA.format(
        reference=reference, act=act, effected="27 June 2025", state="X", effective="27 December 2025", sent=""
    )
    (said,) = read_notifications(subject, text)
    return entry(said, NAMES, NOW)


def signals(said: FeedEntry) -> list[tuple[str, str | None, str, str]]:
    item = Item(id="1", title=said.title, summary=said.summary, published=said.published, kind="depositary")
    return [(s.actor, s.treaty, s.stage.value, s.action.value) for s in DETECTOR.read(item).signals]


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        ("FINLAND: WITHDRAWAL", ("FI", "APMBC", "notified", "withdraw")),
        ("UNITED STATES OF AMERICA: DENUNCIATION", ("US", "APMBC", "notified", "withdraw")),
        ("VENEZUELA (BOLIVARIAN REPUBLIC OF): DENUNCIATION", ("VE", "APMBC", "notified", "withdraw")),
        ("CÔTE D'IVOIRE: WITHDRAWAL", ("CI", "APMBC", "notified", "withdraw")),
        ("UNITED KINGDOM OF GREAT BRITAIN AND NORTHERN IRELAND: WITHDRAWAL", ("GB", "APMBC", "notified", "withdraw")),
        ("UKRAINE: NOTIFICATION OF SUSPENSION", ("UA", "APMBC", "notified", "suspend")),
        ("THE GAMBIA: WITHDRAWAL OF NOTIFICATION OF WITHDRAWAL", ("GM", "APMBC", "reversed", "withdraw")),
    ],
)
def test_act_of_leaving_is_a_signal(act: str, expected: tuple[str, str, str, str]) -> None:
    """Under the names that the United Nations use for states and acts."""
    assert signals(told(act)) == [expected]


@pytest.mark.parametrize(
    "act",
    [
        "FINLAND: ACCESSION",
        "FINLAND: RATIFICATION",
        "FINLAND: WITHDRAWAL OF RESERVATION",
        "FINLAND: PARTIAL WITHDRAWAL OF RESERVATION",
        "FINLAND: WITHDRAWAL OF DECLARATION",
        "FINLAND: WITHDRAWAL OF OBJECTION",
        "FINLAND: OBJECTION TO THE WITHDRAWAL BY LITHUANIA",
        "UNITED KINGDOM OF GREAT BRITAIN AND NORTHERN IRELAND: DENUNCIATION IN RESPECT OF GUERNSEY",
        "FINLAND: COMMUNICATION",
    ],
)
def test_other_act_is_an_item_and_no_signal(act: str) -> None:
    """A near miss each: the same words about something else."""
    said = told(act)

    assert "the Ottawa Convention" in said.title or "(Ottawa Convention)" in said.title
    assert signals(said) == []


def test_reference_without_a_state_is_an_item_that_claims_nothing() -> None:
    """Nothing is guessed: a person follows the link."""
    (said,) = read_notifications(SUBJECT, "See the attached document.")

    assert not said.complete
    assert signals(entry(said, NAMES, NOW)) == []


def test_subject_alone_tells_it_too() -> None:
    """Where the text is in an attachment."""
    (said,) = read_notifications("C.N.385.2025.TREATIES-XXVI.5 (Depositary Notification): LITHUANIA: WITHDRAWAL", "")

    assert (said.party, said.action) == ("LITHUANIA", "WITHDRAWAL")
    assert signals(entry(said, NAMES, NOW)) == [("LT", "APMBC", "notified", "withdraw")]


def test_mail_confirms_a_case() -> None:
    """Notified, by the depositary, urgent, with both dates and no doubt left."""
    post = Letter("k", letter(), 1)
    state = FeedState(feed=SOURCE.id, url=SOURCE.url)
    read = read_letter(post, Trust(("un.org",)))
    (item,) = turn(state, [post], [read], {}, NAMES, NOW, alert=False).items
    assert (item.kind, item.outlet, item.backfill) == ("depositary", "United Nations Treaty Collection", False)

    rules = load_rules(CONFIG)
    passed = handle_item(wire.encode(item), Source(ITEMS.name, 0, 0, None, NOW), DETECTOR, rules.register)
    assert passed.outcome is Outcome.PASSED
    (signal,) = passed.signals
    assert (signal.stage, signal.institution) == (Stage.NOTIFIED, Institution.DEPOSITARY)
    assert (signal.event_date, signal.effective_date) == (date(2025, 6, 27), date(2025, 12, 27))

    folded = handle_signal(wire.encode(signal), Source(SIGNALS.name, 0, 0, None, NOW), {}, NOW, NOW, rules)
    (case,) = [wire.decode(wire.encode(record), Case) for record in folded.records]
    assert (case.id, case.stage, case.action) == ("LT:APMBC", Stage.NOTIFIED, Action.WITHDRAW)
    assert case.severity is Severity.URGENT
    assert case.effective_date is not None
    assert case.effective_date.value == date(2025, 12, 27)  # as claimed, and as the register computes it
    assert case.confidence >= 0.995
    assert "the depositary confirms it" in case.reasons
    assert case.flags == (Flag.CONFLICT_CLAUSE,)  # neither unconfirmed nor premature
