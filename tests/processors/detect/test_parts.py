"""The steps one by one: words, sentences, phrases, dates, the algebra of operators."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.detect.bend import Base, Dead, State, bend
from processors.detect.clean import clean
from processors.detect.dates import add_months, find_dates
from processors.detect.lexicon import load_lexicon, unfold
from processors.detect.phrases import Phrases
from processors.detect.pipeline import load_detector
from processors.detect.reading import Sentence
from processors.detect.sentences import MAX_SENTENCE, split
from processors.detect.tokens import fold, tokenize
from treatywatch.locate import config_dir
from treatywatch.model import Action, Institution, Item, Speaker, SpeakerKind, Stage

LEXICON = load_lexicon(config_dir() / "lexicon" / "en.yml")
DAY = date(2025, 6, 27)


def norms(text: str) -> list[str]:
    """Give the folded words of a text."""
    return [token.norm for token in tokenize(text)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("U.S.-Russia mine-ban pact", ["us", "russia", "mine", "ban", "pact"]),
        ("Poland's exit", ["poland", "'s", "exit"]),
        ("won't leave", ["won't", "leave"]),
        ("Bogotá – Łódź", ["bogota", "–", "lodz"]),
        ("Côte d’Ivoire", ["cote", "d'ivoire"]),
        ("155–18", ["155", "18"]),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    """Hyphens join nothing, possessives stand alone, accents and dots go."""
    assert norms(text) == words


@given(st.text(max_size=200))
def test_tokens_keep_their_place(text: str) -> None:
    """Every token is the text between its offsets, and the text keeps its length when cleaned."""
    assert len(clean(text)) == len(text)
    for token in tokenize(text):
        assert text[token.start : token.end] == token.text
        assert token.norm == fold(token.text)


@given(st.text(max_size=400))
def test_sentences_cover_the_text_in_order(text: str) -> None:
    """Sentences do not overlap, and nothing but spaces lies between them."""
    end = 0
    for start, stop in split(text, LEXICON.abbreviation):
        assert not text[end:start].strip()
        assert start < stop
        end = stop
    assert not text[end:].strip()


def test_sentence_is_not_cut_at_an_abbreviation() -> None:
    """Gen. and U.S. end no sentence; a full stop before a capital does."""
    text = "Gen. Smith met the U.S. Senate. It left."
    assert [text[a:b].strip() for a, b in split(text, LEXICON.abbreviation)] == [
        "Gen. Smith met the U.S. Senate.",
        "It left.",
    ]


def test_endless_sentence_is_cut() -> None:
    """No sentence is longer than the limit, so that reading stays linear."""
    assert max(b - a for a, b in split("word " * 5_000, LEXICON.abbreviation)) <= MAX_SENTENCE


def test_endings_are_unfolded() -> None:
    """Braces are a short way to write endings."""
    assert unfold("vote{s,d} down") == ("votes down", "voted down")
    assert unfold("plain") == ("plain",)


def test_longest_phrase_wins() -> None:
    """A phrase inside a longer one is not found beside it."""
    phrases = Phrases([("new start", 1), ("new start treaty", 2)])
    tokens = tokenize("the New START treaty")
    assert [found.payload for found in phrases.longest(tokens, [t.norm for t in tokens])] == [2]


def dates(text: str, day: date | None = DAY) -> list[date]:
    """Give the dates that a sentence names."""
    tokens = tokenize(text)
    sentence = Sentence("title", 0, len(text), text, tokens, [t.norm for t in tokens], cased=True)
    return [found.value for found in find_dates(sentence, LEXICON, day)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("on 27 December 2025", [date(2025, 12, 27)]),
        ("on December 27, 2025", [date(2025, 12, 27)]),
        ("on 27 December", [date(2025, 12, 27)]),
        ("on January 10", [date(2026, 1, 10) if (DAY - date(2025, 1, 10)).days > 200 else date(2025, 1, 10)]),
        ("in six months", [date(2025, 12, 27)]),
        ("after 180 days", [date(2025, 12, 24)]),
        ("within a year", [date(2026, 6, 27)]),
        ("from midnight", [DAY]),
        ("on 31 February 2025", []),
        ("six months ago", []),
        ("in six months ago", []),
        ("the 99th of March", []),
    ],
)
def test_dates_are_read_from_the_day_of_the_item(text: str, found: list[date]) -> None:
    """Days, periods, and what is neither."""
    assert dates(text) == found


def test_without_a_day_only_full_dates_are_read() -> None:
    """A period from an unknown day is no date."""
    assert dates("in six months, on 27 December", None) == []
    assert dates("on 27 December 2025", None) == [date(2025, 12, 27)]


def test_month_end_is_kept() -> None:
    """A month after 31 January is the last of February."""
    assert add_months(date(2025, 1, 31), 1) == date(2025, 2, 28)
    assert add_months(date(2025, 8, 31), 6) == date(2026, 2, 28)


@pytest.mark.parametrize(
    ("state", "kinds", "result"),
    [
        (Base.OPEN, ["plan"], Stage.ANNOUNCED),
        (Base.OPEN, ["plan", "negate"], Stage.REJECTED),
        (Base.OPEN, ["reject", "negate"], Stage.CONSIDERED),
        (Base.OPEN, ["approve"], Stage.APPROVED),
        (Base.OPEN, ["consider", "approve"], Stage.APPROVED),
        (Base.OPEN, ["approve", "plan"], Stage.ANNOUNCED),
        (Base.NOUN, ["notify"], Stage.NOTIFIED),
        (Base.NOUN, ["undo"], Stage.REVERSED),
        (Base.NOUN, ["undo", "advocate"], Dead.AGAINST),
        (Base.OPEN, ["negate", "advocate"], Dead.AGAINST),
        (Base.NOUN, ["react"], Stage.ANNOUNCED),
        (Base.OPEN, ["hypothetical"], Dead.HYPOTHETICAL),
        (Base.OPEN, ["hypothetical", "consider"], Stage.CONSIDERED),
        (Base.DONE, ["say"], Base.DONE),
    ],
)
def test_operators_are_applied_from_the_inside(state: State, kinds: list[str], result: State) -> None:
    """ "Does not rule out leaving" is negate(reject(open))."""
    for kind in kinds:
        state = bend(state, kind, Action.WITHDRAW, adjacent=True)
    assert state == result


def test_undo_far_away_undoes_nothing() -> None:
    """ "Suspends flights … and the withdrawal" is no reversal."""
    assert bend(Base.NOUN, "undo", Action.WITHDRAW, adjacent=False) is Base.NOUN


def test_who_calls_on_a_state_is_not_that_state() -> None:
    """ "Church leaders call on Norway": their word, not Norway's; a minister's call is the government's."""
    detector = load_detector(config_dir())
    called, minister = (
        detector.read(Item(id="1", title=title)).signals[0]
        for title in (
            "Church leaders call on Norway to leave the Ottawa Convention",
            "Defence minister of Norway urges the country to leave the Ottawa Convention",
        )
    )

    assert called.speaker == Speaker(kind=SpeakerKind.NGO, text="Church leaders")
    assert (minister.institution, minister.speaker) == (
        Institution.GOVERNMENT,
        Speaker(kind=SpeakerKind.STATE, text="Norway"),
    )
