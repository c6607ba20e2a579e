"""A person sees the marked words, the chain of rules, the certainty, and what would have changed the answer."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.detect.explaining import changes
from processors.detect.explaining.changes import Examples, answer
from processors.detect.explaining.explanation import Explanation, explain
from processors.detect.explaining.terminal import render
from processors.detect.pipeline import Detection, load_detector
from treatywatch.actors import load_actors
from treatywatch.locate import config_dir
from treatywatch.model import Item, Reason
from treatywatch.register import load_register

DETECTOR = load_detector(config_dir())
EXAMPLES = Examples(load_actors(config_dir()).name("FI"), load_register(config_dir()).name("APMBC", "APMBC"))
DAY = datetime(2025, 7, 1, tzinfo=UTC)


def an_item(title: str, summary: str = "") -> Item:
    """An item of the day."""
    return Item(id="1", title=title, summary=summary, published=DAY)


def explained(title: str, summary: str = "") -> Explanation:
    """The explanation of an item."""
    item = an_item(title, summary)
    detection = DETECTOR.read(item)
    return explain(item, detection, DETECTOR.read, DETECTOR.look(item), DETECTOR.confidence, EXAMPLES)


def marks(explanation: Explanation) -> dict[str, str]:
    """The marked words and what they show."""
    return {field.text[s.start : s.end]: s.part for field in explanation.fields for s in field.spans}


def test_words_that_count_are_marked_in_their_field() -> None:
    """Each with what it shows, in a summary as well."""
    found = explained("Rain in Riga", "It rained. Latvian lawmakers vote down withdrawal from Istanbul Convention.")

    assert marks(found)["Latvian"] == "actor"
    assert marks(found)["vote down"] == "negation"
    assert marks(found)["Istanbul Convention"] == "treaty"
    (signal,) = found.signals
    assert "reject:vote down" in [step.rule for step in signal.steps]
    text = render(found).plain
    assert "LV withdraw ISTANBUL: rejected" in text
    assert "summary: It rained. Latvian[actor]" in text
    assert '"vote down" rules it out' in text


def test_no_tells_its_reason_and_the_reading_that_came_nearest() -> None:
    """With its rules, and what would have made it a signal."""
    found = explained("Washington, which quit the INF Treaty in 2019, tests missile")
    text = render(found).plain

    assert found.reason == Reason.HISTORICAL
    assert "no signal: historical - the exit is mentioned as background" in text
    assert 'nearest to a signal: "quit" and "INF Treaty"' in text
    assert "quit[act]" in text
    assert "relative clause" in text
    assert "US withdraw INF: effective" in [change.answer for change in found.changes]


@pytest.mark.parametrize(
    ("title", "what", "then"),
    [
        ("Will Slovakia leave the mine ban treaty?", "without the question mark", "SK withdraw APMBC: effective"),
        ("Poland does not rule out leaving Ottawa Convention", 'without "not"', "PL withdraw APMBC: rejected"),
        ("Manila suspends termination of Visiting Forces Agreement", 'without "suspends"', "no signal (historical)"),
        ("Poland leaves Ottawa Convention", "as a question", "no signal (hypothetical)"),
        (
            "Kenya withdraws troops from the treaty zone",
            'with an instrument in that place ("withdraws from Ottawa Convention")',
            "KE withdraw APMBC: effective",
        ),
        (
            "Rebels quit the Minsk accords",
            'told alone, as "Finland quit the Minsk accords"',
            "FI withdraw MINSK: effective",
        ),
    ],
)
def test_change_of_the_text_is_told_with_the_answer_that_it_gives(title: str, what: str, then: str) -> None:
    """An operator, a question mark, the object, the actor: what decided can be seen."""
    found = {change.what: change.answer for change in explained(title).changes}

    assert found[what] == then


WORDS = """Poland Finland's parliament rebels votes to leave quits the Ottawa Convention NATO treaty not if after
    which had suspends withdrawal from of ends ? , . in 2019 deal with Russia notifies would"""
words = st.sampled_from(WORDS.split())


@given(st.lists(words, min_size=1, max_size=14).map(" ".join), st.lists(words, max_size=6).map(" ".join))
def test_every_change_that_is_told_was_tried(title: str, summary: str) -> None:
    """The changed text, read anew, gives the answer that is told, and another one than the text itself."""
    item = an_item(title, summary)
    for change in explained(title, summary).changes:
        left, _, right = change.text.partition(" | ")
        again = DETECTOR.read(msgspec.structs.replace(item, title=left, summary=right))

        assert answer(again) == change.answer
        assert change.answer != answer(DETECTOR.read(item))


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_text_is_explained(title: str, summary: str) -> None:
    """Marks lie inside their field and do not overlap; the page is written."""
    found = explained(title, summary)

    assert render(found).plain
    for field in found.fields:
        ends = [0, *(span.end for span in field.spans)]
        assert all(span.start >= end for span, end in zip(field.spans, ends, strict=False))
        assert all(span.start < span.end <= len(field.text) for span in field.spans)


def test_states_that_take_one_step_together_are_explained_once() -> None:
    """The second names the first instead of telling the same again."""
    text = render(explained("Mali and Niger announce immediate withdrawal from ECOWAS")).plain

    assert "NE withdraw ECOWAS: announced   case NE:ECOWAS, by the same rules" in text
    assert text.count('"announce" declares it') == 1


def test_number_of_trials_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many words could be left out of a long text; they are not all tried."""
    monkeypatch.setattr(changes, "_TRIED", 7)
    item = an_item(f"{'Rebels would not say that they had planned, ' * 30}quit the Minsk accords")
    read: list[str] = []

    def reading(changed: Item) -> Detection:
        read.append(changed.title)
        return Detection(reason=Reason.NO_ACTOR)

    explain(item, DETECTOR.read(item), reading, DETECTOR.look(item), DETECTOR.confidence, EXAMPLES)

    assert len(read) == 7


def test_certainty_is_told_with_its_parts() -> None:
    """Start times each doubt is the product; what it is told as is the signal's confidence."""
    item = an_item("Georgia ends the 1994 transit treaty")
    (signal,) = DETECTOR.read(item).signals
    (reading,) = explained(item.title).signals
    sure = reading.confidence

    assert sure is not None
    assert sure.value == signal.confidence
    assert sure.parts
    product = sure.start
    for part in sure.parts:
        product *= part.factor
    assert sure.product == pytest.approx(product, abs=1e-3)
    assert all(part.says in render(explained(item.title)).plain for part in sure.parts)


def test_dates_and_speaker_are_told() -> None:
    """What else the text says of the step."""
    text = render(explained("Poland's president signs law on leaving Ottawa Convention on 20 June 2025")).plain

    assert "day of the step: 2025-06-20" in text
    assert "speaker: " in text


def test_text_that_the_prefilter_stops_says_which_word_is_missing() -> None:
    """An instrument without a word of leaving, a word of leaving without an instrument, or neither."""
    assert "an instrument is named, but there is no word of leaving" in explained("Ottawa Convention turns thirty").why
    assert "a word that can mean leaving, but no word for an instrument" in explained("Poland leaves the party").why
    assert "no word of leaving stands near" in explained("Rain in Riga").why


def test_reaction_to_a_language_without_a_lexicon_says_what_is_missing() -> None:
    """There is nothing to mark."""
    item = Item(id="1", title="Rain", language="xx")
    detection = DETECTOR.read(item)
    found = explain(item, detection, DETECTOR.read, DETECTOR.look(item), DETECTOR.confidence, EXAMPLES)

    assert "there is no lexicon for this language" in render(found).plain
