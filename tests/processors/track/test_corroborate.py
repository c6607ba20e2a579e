"""Corroboration: independent voices, not articles."""

from __future__ import annotations

import msgspec

from processors.track.corroborate import attest
from processors.track.fold import fold
from tests.processors.track.made import LATE, RULES, say
from treatywatch.model import Institution, SpeakerKind, Stage

WIRE = "Illustrative: the parliament voted on Thursday to leave the convention on mines"


def test_a_wire_story_under_many_mastheads_is_one_voice() -> None:
    """The same sentence printed by five owners counts once."""
    copies = [say("2025-06-19", Stage.APPROVED, owner=o, text=WIRE) for o in "abcde"]

    assert attest(copies, Stage.APPROVED, RULES).voices == ("a",)
    assert "copies of one text count once" in " ".join(attest(copies, Stage.APPROVED, RULES).reasons)


def test_a_step_counts_copies_as_one_voice_and_names_every_owner() -> None:
    """Three owners print the wire text, one writes its own: four owners, two voices; the case says two."""
    copies = [say("2025-06-19", Stage.APPROVED, owner=o, text=WIRE) for o in "abc"]
    own = say("2025-06-19", Stage.APPROVED, owner="d")

    case = fold([*copies, own], LATE, RULES)

    assert case is not None
    assert (case.history[0].owners, case.history[0].voices, case.voices) == (("a", "b", "c", "d"), 2, 2)


def test_the_readers_of_one_wire_story_are_no_two_sources_of_its_steps() -> None:
    """Two owners print the agency's text of each of two steps: the case has one source, not two."""
    first = [say("2025-03-18", Stage.ANNOUNCED, owner=o, text=WIRE) for o in "ab"]
    second = [say("2025-06-19", Stage.APPROVED, owner=o, text=f"{WIRE}, again") for o in "bc"]

    case = fold(first + second, LATE, RULES)

    assert case is not None
    assert ([entry.voices for entry in case.history], case.voices) == ([1, 1], 1)


def test_the_name_of_the_outlet_behind_the_headline_makes_no_other_text() -> None:
    """Aggregators append it."""
    one = msgspec.structs.replace(
        say("2025-06-19", Stage.APPROVED, owner="a", text="x"), title=f"{WIRE} - North Sample"
    )
    other = msgspec.structs.replace(
        say("2025-06-19", Stage.APPROVED, owner="b", text="y"), title=f"{WIRE} | East Sample"
    )

    assert len(attest([one, other], Stage.APPROVED, RULES).voices) == 1


def test_two_owners_in_their_own_words_are_two_voices() -> None:
    """The near miss; and so are two that share only a short phrase."""
    own = [say("2025-06-19", Stage.APPROVED, owner=o) for o in "ab"]
    short = [say("2025-06-19", Stage.APPROVED, owner=o, text="Poland leaves mine treaty") for o in "ab"]

    assert len(attest(own, Stage.APPROVED, RULES).voices) == 2
    assert len(attest(short, Stage.APPROVED, RULES).voices) == 2


def test_copies_chain_through_headline_and_sentence() -> None:
    """Same headline as one, same sentence as another: all three are one voice, in any order."""
    a = msgspec.structs.replace(
        say("2025-06-19", Stage.APPROVED, owner="a", text="x"), title="one two three four five six"
    )
    b = msgspec.structs.replace(
        say("2025-06-19", Stage.APPROVED, owner="b", text="x"), title="one two three four five six", sentence=WIRE
    )
    c = say("2025-06-19", Stage.APPROVED, owner="c", text=WIRE)

    for order in ([a, b, c], [c, a, b], [b, c, a]):
        assert attest(order, Stage.APPROVED, RULES).voices == ("a",)


def test_an_agencys_byline_makes_the_agency_the_voice() -> None:
    """Rewritten by two papers, from one agency."""
    one = say("2025-06-19", Stage.APPROVED, owner="a", text="CITY (Reuters) - Illustrative words of the first paper")
    other = say(
        "2025-06-19", Stage.APPROVED, owner="b", text="Illustrative words of another paper altogether (Reuters)"
    )
    third = say("2025-06-19", Stage.APPROVED, owner="c", text="Illustrative: a paper that reuters its own story here")

    assert attest([one, other], Stage.APPROVED, RULES).voices == ("Reuters",)
    assert attest([one, other, third], Stage.APPROVED, RULES).voices == ("Reuters", "c")


def test_more_owners_make_a_step_more_certain_and_never_quite() -> None:
    """Confidence grows with voices and stays below certainty; copies add nothing."""
    owners = [say("2025-06-19", Stage.APPROVED, owner=f"owner {n}", confidence=0.6) for n in range(40)]

    grown = [attest(owners[:n], Stage.APPROVED, RULES).confidence for n in (1, 2, 3, 40)]

    assert grown[0] == 0.6
    assert grown == sorted(grown)
    assert grown[-1] <= 0.99


def test_a_depositarys_notification_confirms() -> None:
    """One word of the depositary outweighs the press."""
    word = say("2025-06-27", Stage.NOTIFIED, by=Institution.DEPOSITARY, confidence=0.5)
    press = [say("2025-06-27", Stage.NOTIFIED, owner=f"owner {n}") for n in range(9)]

    assert attest([word], Stage.NOTIFIED, RULES).confirmed
    assert attest([word], Stage.NOTIFIED, RULES).confidence > attest(press, Stage.NOTIFIED, RULES).confidence
    assert not attest(press, Stage.NOTIFIED, RULES).confirmed


def test_a_notice_in_the_depositarys_feed_is_the_depositarys_step() -> None:
    """Also where its text names no organ; a newspaper's text that names none is not."""
    own = fold([say("2025-06-27", Stage.NOTIFIED, kind="depositary")], LATE, RULES)
    press = fold([say("2025-06-27", Stage.NOTIFIED, kind="newspaper")], LATE, RULES)

    assert own is not None
    assert press is not None
    assert own.history[0].institution is Institution.DEPOSITARY
    assert press.history[0].institution is None


def test_the_reasons_of_a_case_say_how_many_sources_it_has() -> None:
    """For a reader."""
    case = fold([say("2025-06-19", Stage.APPROVED, owner=o) for o in "abc"], LATE, RULES)

    assert case is not None
    assert case.reasons[0] == "3 independent sources"


def test_another_states_word_weighs_less_than_the_own_word() -> None:
    """A third state's claim."""
    own = say("2025-06-19", Stage.ANNOUNCED, speaker=SpeakerKind.STATE)
    foreign = say("2025-06-19", Stage.ANNOUNCED, speaker=SpeakerKind.THIRD_STATE)

    assert attest([foreign], Stage.ANNOUNCED, RULES).confidence < attest([own], Stage.ANNOUNCED, RULES).confidence
