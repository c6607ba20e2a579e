"""Turn what the operators left of an act into a stage, or into the reason why it is no news."""

from __future__ import annotations

from datetime import date

from processors.detect.bend import Base, Dead, State
from processors.detect.lexicon import Lexicon
from processors.detect.phrases import Phrases
from processors.detect.reading import ActorMention, Link, Sentence, WordForm
from processors.detect.walk import PAST_FORMS, Walk
from treatywatch.model import Action, Reason, Stage


def settle(
    sentence: Sentence,
    link: Link,
    lexicon: Lexicon,
    walk: Walk,
    state: State,
    day: date | None,
    cues: Phrases[str],
    conditional: bool,
) -> tuple[Stage | None, Reason | None]:
    """Turn what is left into a stage or a reason."""
    words, norms, act = lexicon.words, sentence.norms, link.act
    if isinstance(state, Dead):
        return None, Reason(state.value)
    past = act.form in PAST_FORMS
    if walk.relative:
        return None, Reason.HISTORICAL
    if norms[0] in words.inversions and act.form is not WordForm.NOUN:
        return None, Reason.HYPOTHETICAL  # "Were Iran to quit the treaty, …"
    if walk.leading_if or (
        act.form is WordForm.GERUND and state is Base.OPEN and _modal_after(sentence, link, lexicon)
    ):
        return None, Reason.HYPOTHETICAL
    if walk.left <= 1 and walk.boundary in words.initial_background:
        return None, Reason.HISTORICAL
    opening = walk.left <= 1 and "," not in sentence.norms[link.after :]  # "After much talk the minister says it will"
    live = _live(sentence, link, walk, lexicon)
    if walk.past_boundary and not (live and (_headline(sentence) or (opening and walk.operators))):
        return None, Reason.HISTORICAL
    if walk.past_boundary and (
        past
        or act.form is WordForm.NOUN
        or (act.form is WordForm.GERUND and not walk.operators)
        or walk.boundary in words.never_live
    ):
        return None, Reason.HISTORICAL
    if sentence.question or cues_within(cues, norms, 0, 2, "no_news"):
        return None, Reason.HYPOTHETICAL
    if cues_within(cues, norms, 0, 4, "old"):
        return None, Reason.HISTORICAL
    if (past or act.form is WordForm.NOUN) and (
        _old_year(sentence, link, walk, lexicon, day) or _old_cue(sentence, link, walk, lexicon, cues)
    ):
        return None, Reason.HISTORICAL
    if day is not None and _other_month(sentence, walk, lexicon, day):
        return None, Reason.HISTORICAL
    standing = set(norms[link.after : link.after + 3]) & words.standing and norms[act.start - 1] in words.perfect
    if standing:
        return None, Reason.HISTORICAL  # "India has held the treaty in abeyance since April"
    if state is Base.NOUN:
        return None, Reason.HISTORICAL
    if (
        state is Base.OPEN
        and act.start == 0
        and act.form is WordForm.GERUND
        and link.whom_explicit
        and sentence.field == "title"
    ):
        return Stage.APPROVED, None  # the title of an order: "Withdrawing the United States from ..."
    if state is Base.OPEN:
        # "Poland to leave the treaty": a headline's future is the bare infinitive after its subject
        if (
            act.form is WordForm.BASE
            and walk.subjects
            and norms[act.start - 1] == words.infinitive
            and _touches(sentence, walk.subjects[0], act.start - 1, lexicon)
        ):
            return Stage.ANNOUNCED, None
        return None, Reason.HYPOTHETICAL
    if state is Base.PROGRESS:
        return (Stage.SUSPENDED if link.action is Action.SUSPEND else Stage.ANNOUNCED), None
    if state is Base.DONE:
        return (Stage.SUSPENDED if link.action is Action.SUSPEND else Stage.EFFECTIVE), None
    assert isinstance(state, Stage)
    return state, None


def cues_within(cues: Phrases[str], norms: list[str], start: int, end: int, kind: str) -> bool:
    """Tell whether a cue of that kind stands in norms[start:end]."""
    return any(
        found.payload == kind and found.end <= end
        for position in range(start, min(end, len(norms)))
        for found in cues.at(norms, position)
    )


def _other_month(sentence: Sentence, walk: Walk, lexicon: Lexicon, day: date) -> bool:
    """Tell "announced in April" in a text of July: the step is told again, as background."""
    norms, months = sentence.norms, lexicon.words.months
    for operator in walk.operators:
        past = norms[operator.end - 1].endswith(lexicon.words.past_endings)
        if past and norms[operator.end : operator.end + 1] and norms[operator.end] in lexicon.words.year_prepositions:
            month = norms[operator.end + 1] if operator.end + 1 < len(norms) else ""
            if month in months and months.index(month) + 1 != day.month:
                return True
    return False


def _old_cue(sentence: Sentence, link: Link, walk: Walk, lexicon: Lexicon, cues: Phrases[str]) -> bool:
    """Tell a cue of age; one that ends in "after" dates the act only where the act stands behind it."""
    norms = sentence.norms
    for position in range(walk.left, min(len(norms), link.after + 8)):
        for found in cues.at(norms, position):
            dates = norms[found.end - 1] not in lexicon.words.past_boundaries or found.end <= link.act.start
            if found.payload == "old" and found.end <= link.after + 8 and dates:
                return True
    return False


def _modal_after(sentence: Sentence, link: Link, lexicon: Lexicon) -> bool:
    return any(
        norm in lexicon.words.future or norm in lexicon.words.modals
        for norm in sentence.norms[link.after : link.after + 3]
    )


def _headline(sentence: Sentence) -> bool:
    """Tell a headline from a sentence of running text: short, and without a full stop."""
    return len(sentence.tokens) <= 16 and sentence.norms[-1] not in (".", "!")


def _live(sentence: Sentence, link: Link, walk: Walk, lexicon: Lexicon) -> bool:
    """Tell whether a clause after "after" is in the present: "markets fall after Britain votes to leave"."""
    words = lexicon.words
    verbs = [sentence.norms[operator.start] for operator in walk.operators]
    if any(verb.endswith(words.past_endings) for verb in verbs):
        return False
    return link.act.form is WordForm.PRESENT or (link.act.form is not WordForm.NOUN and bool(verbs))


def _touches(sentence: Sentence, actor: ActorMention, position: int, lexicon: Lexicon) -> bool:
    between = sentence.norms[actor.end : position]
    return len(between) <= 3 and all(
        norm in lexicon.words.officials or norm in lexicon.words.adverbs or norm == lexicon.words.possessive
        for norm in between
    )


def _old_year(sentence: Sentence, link: Link, walk: Walk, lexicon: Lexicon, day: date | None) -> bool:
    norms = sentence.norms
    inside = {i for treaty in sentence.treaties for i in range(treaty.start, treaty.end)}
    for position in range(walk.left, min(len(norms), link.after + 9)):
        norm = norms[position]
        following = norms[position + 1] if position + 1 < len(norms) else ""
        if norm == "," and position >= link.after and following.endswith(lexicon.words.past_endings):
            return False  # ", signed in 1966": the year of the instrument
        if not (len(norm) == 4 and norm.isdigit() and norm[:2] in ("19", "20")) or position in inside:
            continue
        if link.act.start < position < link.after:
            continue
        if day is not None and int(norm) < day.year:
            return True
        if day is None and link.act.form in PAST_FORMS and norms[position - 1] in lexicon.words.year_prepositions:
            return True
    return False
