"""The evidence of a signal is marked where it stands in the sentence."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sinks.marks import Mark, cut, place
from treatywatch.model import Evidence


def span(text: str, start: int, part: str, field: str = "summary") -> Evidence:
    """Make a piece of evidence."""
    return Evidence(field=field, start=start, end=start + len(text), text=text, part=part)


def test_sentence_in_the_middle_of_a_summary_is_marked_in_place() -> None:
    """Offsets count from the start of the summary; the sentence begins later."""
    summary = "It rained. Poland will quit the treaty."
    sentence = summary[11:]
    evidence = [span("Poland", 11, "actor"), span("quit", 23, "act")]

    assert place(sentence, evidence) == (Mark(0, 6, "actor"), Mark(12, 16, "act"))


def test_a_word_that_stands_twice_is_marked_where_the_evidence_points() -> None:
    """The other evidence tells where the sentence begins, and so which of the two is meant."""
    sentence = "Poland tells Norway that Poland leaves."
    evidence = [span("Poland", 125, "actor"), span("leaves", 132, "act")]

    assert place(sentence, evidence)[0] == Mark(25, 31, "actor")


def test_offsets_that_fit_nothing_still_mark_by_the_words() -> None:
    """A cleaned sentence may have lost characters that the offsets count."""
    evidence = [span("Poland", 999, "actor"), span("quits", 3, "act")]

    assert place("Poland quits.", evidence) == (Mark(0, 6, "actor"), Mark(7, 12, "act"))


def test_evidence_from_the_other_field_is_left_out() -> None:
    """What the sentence does not say is not marked in it."""
    assert place("Poland quits.", [span("Ottawa", 3, "treaty", "title"), span("", 0, "act")]) == ()


def test_overlapping_marks_share_a_piece() -> None:
    """A word that is both act and stage shows both."""
    pieces = list(cut("it quits now", [Mark(3, 8, "act"), Mark(3, 12, "stage")]))

    assert [(piece.text, piece.parts) for piece in pieces] == [
        ("it ", ()),
        ("quits", ("act", "stage")),
        (" now", ("stage",)),
    ]


@given(st.text("ab <", max_size=30), st.lists(st.tuples(st.text("ab <", max_size=4), st.integers(0, 40))))
def test_pieces_together_are_the_sentence(sentence: str, spans: list[tuple[str, int]]) -> None:
    """Marking never loses, repeats or reorders a character, and marks only what it says."""
    marks = place(sentence, [span(text, start, "act") for text, start in spans])

    assert "".join(piece.text for piece in cut(sentence, marks)) == sentence
    assert {sentence[mark.start : mark.end] for mark in marks} <= {text for text, _ in spans}
