"""What a depositary notification says, and how it becomes an item that confirms a case. The texts are illustrative."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.depositary import Names, Notification, entry, read_notifications
from producers.entries import FeedEntry
from tests.producers.letters import LITHUANIA, OTTAWA, SUBJECT
from treatywatch.actors import load_actors
from treatywatch.locate import config_dir
from treatywatch.register import load_register

NAMES = Names(load_actors(config_dir()), load_register(config_dir()))
NOW = datetime(2025, 6, 30, 15, 0, tzinfo=UTC)


def told(act: str, reference: str = "C.N.1.2025.TREATIES-XXVI.5", subject: str = "") -> FeedEntry:
    text = OTTAWA.format(
        reference=reference, act=act, effected="27 June 2025", state="X", effective="27 December 2025", sent=""
    )
    (said,) = read_notifications(subject, text)
    return entry(said, NAMES, NOW)


def test_notification_is_read() -> None:
    """Reference, treaty, state, act, the day of receipt and the day of effect."""
    assert read_notifications(SUBJECT, LITHUANIA) == (
        Notification(
            number=385,
            year=2025,
            chapter="XXVI-5",
            party="LITHUANIA",
            action="NOTIFICATION OF WITHDRAWAL",
            effected=date(2025, 6, 27),
            takes_effect=date(2025, 12, 27),
            treaty="Convention On The Prohibition Of The Use, Stockpiling, Production And Transfer Of "
            "Anti-Personnel Mines And On Their Destruction",
        ),
    )


def test_item_says_it_in_one_sentence() -> None:
    """With the register's name of the treaty, both dates, the reference as its guid, and the published document."""
    (said,) = read_notifications(SUBJECT, LITHUANIA)
    item = entry(said, NAMES, NOW)

    assert item.title == (
        "Lithuania notified the depositary on 27 June 2025 of its withdrawal from the Ottawa Convention, "
        "effective 27 December 2025"
    )
    assert item.guid == "C.N.385.2025.TREATIES-XXVI.5"
    assert item.link == "https://treaties.un.org/doc/Publication/CN/2025/CN.385.2025-Eng.pdf"


@pytest.mark.parametrize(
    ("reference", "chapter"),
    [
        ("C.N.575.2019.TREATIES-XXVII.7.d", "XXVII-7-d"),
        ("C.N.138.2018.TREATIES-XVIII.10", "XVIII-10"),
        ("C.N.5.2024.TREATIES-XI.B.16", "XI-B-16"),
        ("C. N. 5.2024.TREATIES-XXVI-6", "XXVI-6"),
    ],
)
def test_reference_names_the_treaty(reference: str, chapter: str) -> None:
    """Chapter, number and letter, with dots or hyphens."""
    (said,) = read_notifications(f"{reference} (Depositary Notification)", "")

    assert said.chapter == chapter


def test_mail_without_a_reference_holds_no_notification() -> None:
    """A reference that is cited within a sentence opens none, either."""
    assert read_notifications("Your subscription", "We refer to C.N.385.2025.TREATIES-XXVI.5 of June.") == ()


def test_several_notifications_in_one_mail_are_kept_apart() -> None:
    """Each with its own state and dates; one that another cites is not a second one."""
    latvia = LITHUANIA.replace("C.N.385.", "C.N.386.").replace("LITHUANIA", "LATVIA").replace("27 June", "28 June")
    found = read_notifications("Depositary notifications", f"{LITHUANIA}\nSee C.N.385.2025.TREATIES-XXVI.5.\n{latvia}")

    assert [(said.number, said.party, said.effected) for said in found] == [
        (385, "LITHUANIA", date(2025, 6, 27)),
        (386, "LATVIA", date(2025, 6, 28)),
    ]


def test_treaty_outside_the_register_is_named_as_the_notification_names_it() -> None:
    """Its number is in no row."""
    said = told("SENEGAL: DENUNCIATION", reference="C.N.9.2025.TREATIES-XXI.1")

    assert "denunciation of the Convention On The Prohibition" in said.title


@pytest.mark.parametrize(
    ("written", "file"),
    [
        ("C.N.385.2025.Reissued.14072025.TREATIES-XXVI.5", "CN.385.2025.Reissued.14072025-Eng.pdf"),
        ("C.N.385.2025.REISSUED.TREATIES-XXVI.5", "CN.385.2025-Eng.pdf"),
    ],
)
def test_notification_issued_anew_has_the_reference_of_the_first(written: str, file: str) -> None:
    """So it is a revision of the same item, which links to the new document."""
    said = told("LITHUANIA: WITHDRAWAL", reference=written)

    assert said.guid == "C.N.385.2025.TREATIES-XXVI.5"
    assert said.link == f"https://treaties.un.org/doc/Publication/CN/2025/{file}"


def test_correction_is_no_withdrawal() -> None:
    """Nor is a reference with another word in it a notification."""
    assert "from the" not in told("LITHUANIA: CORRECTION OF THE NOTIFICATION OF WITHDRAWAL").title
    assert read_notifications("C.N.385.2025.Annulled.14072025.TREATIES-XXVI.5", "") == ()


@given(st.text(max_size=400), st.text(max_size=400))
def test_any_text_gives_a_value(subject: str, text: str) -> None:
    """Reading never raises, and what is read becomes an entry with a title."""
    for said in read_notifications(f"{SUBJECT} {subject}", text):
        assert entry(said, NAMES, None).title
