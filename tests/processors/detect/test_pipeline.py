"""The detector as a whole: what a signal carries, revisions, languages, and that no text harms it."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.detect.pipeline import load_detector
from treatywatch.errors import ConfigError
from treatywatch.locate import config_dir
from treatywatch.model import Action, Hedge, Institution, Item, Reason, Stage, Stance, Text
from treatywatch.wire import digest

DETECTOR = load_detector(config_dir())
DAY = datetime(2025, 6, 27, 9, tzinfo=UTC)


def item(title: str, summary: str = "", **fields: object) -> Item:
    """Make an item of the demo's summer."""
    return Item(id="i1", title=title, summary=summary, published=DAY, **fields)  # type: ignore[arg-type]  # any field


def test_signal_carries_its_item_and_its_evidence() -> None:
    """What a reader needs is in the signal: who, what, where it stands in the text."""
    source = item(
        "Markets calm", "Latvia's parliament votes to leave the Ottawa Convention.", url="https://example.org/1"
    )
    (signal,) = DETECTOR.read(source).signals
    assert (signal.actor, signal.treaty, signal.case_id) == ("LV", "APMBC", "LV:APMBC")
    assert (signal.stage, signal.action, signal.institution) == (
        Stage.APPROVED,
        Action.WITHDRAW,
        Institution.LOWER_HOUSE,
    )
    assert signal.id == digest("i1", "LV:APMBC", Action.WITHDRAW, Stage.APPROVED, Institution.LOWER_HOUSE)
    assert (signal.item, signal.url, signal.outlet, signal.published) == ("i1", source.url, source.outlet, DAY)
    assert {"actor", "treaty", "act", "stage", "institution"} <= {one.part for one in signal.evidence}
    for one in signal.evidence:
        assert getattr(source, one.field)[one.start : one.end] == one.text
    assert signal.sentence == source.summary
    assert signal.rules
    assert 0.9 < signal.confidence <= 1
    assert signal.detector_version == DETECTOR.version_of("en")


def test_dates_of_effect_are_claims_of_the_text() -> None:
    """A date after "effective", and a period, are counted from the day of the item."""
    (one,) = DETECTOR.read(
        item("Estonia notifies UN of withdrawal from Ottawa Convention, effective 27 December")
    ).signals
    assert one.effective_date == date(2025, 12, 27)
    (two,) = DETECTOR.read(item("Finland will leave the Ottawa Convention in six months")).signals
    assert two.effective_date == date(2025, 12, 27)
    (none,) = DETECTOR.read(item("Finland will leave the Ottawa Convention of 1997")).signals
    assert none.effective_date is None


def test_hedge_is_kept() -> None:
    """A condition and an unnamed source lower what is claimed."""
    (signal,) = DETECTOR.read(item("Iran threatens to leave NPT if sanctions return")).signals
    assert signal.hedge is Hedge.CONDITIONAL
    (plain,) = DETECTOR.read(item("Qatar quits OPEC")).signals
    assert plain.hedge is Hedge.NONE


def test_list_of_states_gives_a_signal_each() -> None:
    """Three states of one sentence are three cases."""
    signals = DETECTOR.read(item("Baltic states quit landmine treaty")).signals
    assert [signal.case_id for signal in signals] == ["EE:APMBC", "LV:APMBC", "LT:APMBC"]


def test_instrument_outside_the_register_has_the_same_case_with_and_without_its_year() -> None:
    """Half the reports leave the year out, so it is no part of the name."""
    with_year = DETECTOR.read(item("Russia cancels 1956 fishing deal with Britain")).signals
    without = DETECTOR.read(item("Moscow tears up fisheries agreement with the United Kingdom")).signals
    assert {s.case_id for s in with_year} == {s.case_id for s in without} == {"RU:~fishing-gb"}
    assert with_year[0].treaty is None


def test_instrument_of_a_group_row_has_its_own_case() -> None:
    """The row's id stays in `treaty`; the case id tells instruments apart."""
    (signal,) = DETECTOR.read(item("Mexico withdraws from NAFTA")).signals
    assert (signal.treaty, signal.case_id) == ("TRADE", "MX:TRADE~nafta")


def test_revision_withdraws_what_the_new_text_no_longer_says() -> None:
    """An edited article amends the case: the old signal comes back as withdrawn, the new one beside it."""
    first = DETECTOR.read(item("Poland withdraws from Ottawa Convention")).signals
    old = Text(title="Poland withdraws from Ottawa Convention")
    edited = item("Poland considers leaving the Ottawa Convention", revision=2, previous=old)
    new, gone = DETECTOR.read(edited).signals
    assert (new.stage, new.withdrawn, new.revision) == (Stage.CONSIDERED, False, 2)
    assert (gone.stage, gone.withdrawn, gone.revision, gone.id) == (Stage.EFFECTIVE, True, 2, first[0].id)


def test_retracted_article_leaves_only_withdrawals() -> None:
    """A text that says nothing any more withdraws everything; an unchanged one nothing."""
    old = Text(title="Poland withdraws from Ottawa Convention")
    (gone,) = DETECTOR.read(item("Correction", revision=2, previous=old)).signals
    assert gone.withdrawn
    same = DETECTOR.read(item(old.title, revision=2, previous=old)).signals
    assert [signal.withdrawn for signal in same] == [False]


def test_language_without_a_lexicon_is_a_reason() -> None:
    """Nothing is guessed in a language that nobody described."""
    assert DETECTOR.read(item("Suomi eroaa sopimuksesta", language="xx")).reason is Reason.NO_LEXICON


def test_same_item_same_answer() -> None:
    """Two detectors of one configuration agree to the last byte, version included."""
    other = load_detector(config_dir())
    source = item("Estonia and Latvia to leave Ottawa Convention, sources say")
    assert other.read(source).signals == DETECTOR.read(source).signals
    assert other.version == DETECTOR.version


def test_headline_in_capitals_or_small_letters() -> None:
    """Outlets write as they like."""
    assert DETECTOR.read(item("poland withdraws from the ottawa convention")).signals
    assert DETECTOR.read(item("POLAND WITHDRAWS FROM THE OTTAWA CONVENTION")).signals


def test_broken_lexicon_names_file_and_line(tmp_path: Path) -> None:
    """All faults of all files come at once."""
    (tmp_path / "lexicon").mkdir()
    for name in ("treaties.yml", "actors.yml"):
        (tmp_path / name).write_bytes((config_dir() / name).read_bytes())
    text = (config_dir() / "lexicon" / "en.yml").read_text(encoding="utf-8")
    (tmp_path / "lexicon" / "en.yml").write_text(text.replace("\nfuture:", "\nfuturee:"), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"en.yml:\d+: unknown key 'futuree', did you mean 'future'"):
        load_detector(tmp_path)


WORDS = (
    "Poland withdraws from the Ottawa Convention , 's not to vote treaty with Russia of withdrawal suspends its "
    'membership . in 2019 ( ) by and U.S. would pull out no longer bound by - — " \u200b \x00 \u202e İ ß'
)
PIECES = WORDS.split(" ")


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=30).map(" ".join) | st.text(max_size=300), st.text(max_size=200))
def test_no_text_raises_and_evidence_stays_in_place(title: str, summary: str) -> None:
    """Any text is answered; every span of evidence is where it says."""
    source = item(title, summary)
    detection = DETECTOR.read(source)
    assert (detection.reason is None) == bool(detection.signals)
    for signal in detection.signals:
        for one in signal.evidence:
            assert len(getattr(source, one.field)[one.start : one.end]) == len(one.text)
            assert 0 <= one.start < one.end <= len(getattr(source, one.field))


@pytest.mark.parametrize(
    "word", ["withdraw treaty ", "Poland, ", "vote to ", "a", "((((", "\u0301", "treaty of the ", ". "]
)
def test_a_megabyte_is_read_in_bounded_time(word: str) -> None:
    """A text of any size costs no more than its first pages."""
    start = time.process_time()
    DETECTOR.read(item(word * (1_000_000 // len(word)), "Poland quits the treaty with Russia"))
    assert time.process_time() - start < 5


def test_expiry_is_no_exit() -> None:
    """A treaty that runs out is told apart from one that is left."""
    assert DETECTOR.read(item("New START treaty expires in February")).reason is Reason.EXPIRY
    assert DETECTOR.read(item("Russia quits New START treaty")).reason is None


def test_reaction_is_about_the_leaving_state_and_keeps_the_voice() -> None:
    """Who regrets is a position, who leaves is the actor."""
    (regret,) = DETECTOR.read(item("France regrets US withdrawal from UNESCO")).signals
    assert regret.actor == "US"
    assert [(p.state, p.stance) for p in regret.positions] == [("FR", Stance.OPPOSES)]
    (praise,) = DETECTOR.read(item("Israel welcomes US withdrawal from UNESCO")).signals
    assert [(p.state, p.stance) for p in praise.positions] == [("IL", Stance.SUPPORTS)]


def test_states_outside_the_treaty_are_a_position() -> None:
    """Who is no party is told beside the move, the leaving state never."""
    (signal,) = DETECTOR.read(
        item(
            "Finland's parliament votes to leave Ottawa Convention",
            "Russia and the United States, which are not parties to the treaty, did not comment.",
        )
    ).signals
    assert [(p.state, p.stance) for p in signal.positions] == [("RU", Stance.NOT_A_PARTY), ("US", Stance.NOT_A_PARTY)]
    (other,) = DETECTOR.read(item("Finland is no longer a party to the Ottawa Convention")).signals
    assert other.positions == ()


def test_weekday_is_the_last_one_before_the_item() -> None:
    """A report names the day of the step; the day of a plan could be any."""
    (voted,) = DETECTOR.read(item("Finland's parliament voted on Wednesday to leave the Ottawa Convention")).signals
    assert voted.event_date == date(2025, 6, 25)
    (plan,) = DETECTOR.read(item("Poland will leave the Ottawa Convention on Monday")).signals
    assert (plan.event_date, plan.effective_date) == (None, None)


def test_entities_that_a_feed_left_in_are_read_in_place() -> None:
    """The text is read as the reader sees it, and the evidence still fits the raw field."""
    source = item("Hungary&#39;s government to leave the &quot;political&quot; ICC")
    (signal,) = DETECTOR.read(source).signals
    assert (signal.actor, signal.treaty) == ("HU", "ROME")
    for one in signal.evidence:
        assert source.title[one.start : one.end] == one.text


def test_reference_to_what_another_sentence_names() -> None:
    """A pronoun stands for the one instrument of the item; for one of two it stands for none."""
    one = item("Sweden and the Ottawa Convention", "On Monday the government said Sweden would leave it.")
    assert [s.case_id for s in DETECTOR.read(one).signals] == ["SE:APMBC"]
    two = item("Sweden, the Ottawa Convention and the NPT", "On Monday the government said Sweden would leave it.")
    assert DETECTOR.read(two).signals == ()
