"""Turn what the operators left of an act into a stage, or into the reason why it is no news."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from processors.detect.bend import Base, Dead, State
from processors.detect.lexicon import Lexicon
from processors.detect.phrases import Phrases
from processors.detect.reading import ActorMention, Link, Sentence, WordForm
from processors.detect.walk import PAST_FORMS, Walk
from treatywatch.model import Action, Reason, Stage

_OPENING = 7  # words of an opening that says what kind of text it is
_CORRECTION = 12  # words of an opening in which a text says that it corrects itself
_SPEECH = 10  # words of "…, the trade ministry said"


@dataclass(frozen=True, slots=True)
class Left:
    """What the operators left of an act, with everything that may still make it no news."""

    sentence: Sentence
    link: Link
    lexicon: Lexicon
    walk: Walk
    state: State
    day: date | None
    cues: Phrases[str]
    since: int = 0  # where the words that say that it takes effect end: a year before them dates another step

    @property
    def past(self) -> bool:
        """Whether the act is told in the past."""
        return self.link.act.form in PAST_FORMS

    @property
    def noun(self) -> bool:
        """Whether the act is a noun, which has no tense."""
        return self.link.act.form is WordForm.NOUN


_Answer = Stage | Reason | None
_Rule = Callable[[Left], _Answer]


def settle(left: Left) -> tuple[Stage | None, Reason | None, str]:
    """Turn what is left into a stage or a reason, with the id of the rule that did it."""
    for name, rule in _RULES:
        answer = rule(left)
        if isinstance(answer, Reason):
            return None, answer, f"no.{name}"
        if answer is not None:
            return answer, None, f"settled.{name}"
    assert isinstance(left.state, Stage)
    return left.state, None, "settled.stage"


# ---- the rules, in the order in which they are asked


def _bent_away(left: Left) -> _Answer:
    """An operator has made it no step any more."""
    return Reason(left.state.value) if isinstance(left.state, Dead) else None


def _relative(left: Left) -> _Answer:
    """ "Washington, which quit the treaty in 2019, tests a rocket"."""
    return Reason.HISTORICAL if left.walk.relative else None


def _inversion(left: Left) -> _Answer:
    """ "Were Iran to quit the treaty, …" supposes."""
    inverted = left.sentence.norms[0] in left.lexicon.words.inversions
    return Reason.HYPOTHETICAL if inverted and not left.noun else None


def _leading_if(left: Left) -> _Answer:
    """ "If sanctions return, Iran leaves" supposes; "unless the quota rises, Iceland will leave" is a threat."""
    if not left.walk.leading_if:
        return None
    said = "," in left.sentence.norms[left.link.after :] and _ends_with_speech(left)
    will = left.state is Stage.CONSIDERED or (left.state is Stage.ANNOUNCED and said)
    threat = will and bool(left.walk.subjects)
    return Stage.CONSIDERED if threat else Reason.HYPOTHETICAL


def _gerund_would(left: Left) -> _Answer:
    """ "Leaving the treaty would cost jobs"."""
    opened = left.link.act.form is WordForm.GERUND and left.state is Base.OPEN
    return Reason.HYPOTHETICAL if opened and _modal_after(left) else None


def _opening_background(left: Left) -> _Answer:
    """ "Although Kenya left the court, …": a sentence that opens with background."""
    opens = left.walk.left <= 1 and left.walk.boundary in left.lexicon.words.initial_background
    return Reason.HISTORICAL if opens else None


def _background_clause(left: Left) -> _Answer:
    """ "Aid resumes after Mali quit the bloc": a clause behind "after" is news only in a live headline."""
    if not left.walk.past_boundary:
        return None
    # "After much talk the minister says it will …" opens a sentence, and is no background to anything
    opening = left.walk.left <= 1 and _ends_with_speech(left)
    live = _live(left) and (_headline(left.sentence) or (opening and bool(left.walk.operators)))
    loose = left.link.act.form is WordForm.GERUND and not left.walk.operators
    never = left.walk.boundary in left.lexicon.words.never_live
    return Reason.HISTORICAL if not live or left.past or left.noun or loose or never else None


def _corrected(left: Left) -> _Answer:
    """ "An earlier version said that Kenya had left": a text that corrects itself tells no news."""
    corrects = left.lexicon.small_within(left.sentence.norms, 0, _CORRECTION, "correction")
    return Reason.HISTORICAL if corrects else None


def _no_news(left: Left) -> _Answer:
    """A question, a quiz; "in an alternate-history game, Brazil quits"; "how Bulgaria tore up the treaty"."""
    norms, words = left.sentence.norms, left.lexicon.words
    opening = norms.index(",") if "," in norms[:_OPENING] else 2
    told = left.sentence.field == "title" and norms[0] in words.telling_how and left.walk.left <= 1
    asked = left.sentence.question or cues_within(left.cues, norms, 0, max(2, opening), "no_news") or told
    return Reason.HYPOTHETICAL if asked else None


def _answering(left: Left) -> _Answer:
    """ "Asked about calls to quit the court, the president …": what was asked is no news."""
    norms = left.sentence.norms
    asked = norms[0] in left.lexicon.words.answering and "," not in norms[: left.link.act.start]
    return Reason.HISTORICAL if asked else None


def _opening_cue(left: Left) -> _Answer:
    """ "A year ago today Ecuador left the cartel"; "decades after the handshake, parliament votes to leave" is news."""
    norms, words = left.sentence.norms, left.lexicon.words
    for position in range(min(4, len(norms))):
        for found in left.cues.at(norms, position):
            if found.payload != "old" or found.end > 4:
                continue
            dates_clause = (
                norms[found.end - 1] in words.past_boundaries and "," in norms[found.end : left.link.act.start]
            )
            if not dates_clause and not _only_dates(left, found.start, found.end):
                return Reason.HISTORICAL
    return None


def _old(left: Left) -> _Answer:
    """ "Left the treaty in 2019", "its withdrawal last year"."""
    told = left.past or left.noun
    return Reason.HISTORICAL if told and (_old_year(left) or _old_cue(left)) else None


def _other_month(left: Left) -> _Answer:
    """ "Announced in April" in a text of July: the step is told again, as background."""
    norms, words = left.sentence.norms, left.lexicon.words
    if left.day is None or left.since:
        return None
    for operator in left.walk.operators:
        past = norms[operator.end - 1].endswith(words.past_endings)
        if past and norms[operator.end : operator.end + 1] and norms[operator.end] in words.year_prepositions:
            month = norms[operator.end + 1] if operator.end + 1 < len(norms) else ""
            if month in words.months and words.months.index(month) + 1 != left.day.month:
                return Reason.HISTORICAL
    return None


def _standing(left: Left) -> _Answer:
    """ "India has held the treaty in abeyance since April": a state of things, no step."""
    norms, words, after = left.sentence.norms, left.lexicon.words, left.link.after
    perfect = norms[left.link.act.start - 1] in words.perfect or left.link.act.family.state
    lasting = set(norms[after : after + 3]) & words.standing and perfect
    return Reason.HISTORICAL if lasting else None


def _plain_noun(left: Left) -> _Answer:
    """ "Britain's exit from the union" alone: nothing says that it is happening."""
    return Reason.HISTORICAL if left.state is Base.NOUN else None


def _order_title(left: Left) -> _Answer:
    """ "Withdrawing the United States from …": the title of an order."""
    act, title = left.link.act, left.sentence.field == "title"
    opens = left.state is Base.OPEN and act.start == 0 and act.form is WordForm.GERUND
    return Stage.APPROVED if opens and left.link.whom_explicit and title else None


def _headline_future(left: Left) -> _Answer:
    """ "Poland to leave the treaty": a headline's future is the bare infinitive after its subject."""
    act = left.link.act
    if left.state is not Base.OPEN or act.form is not WordForm.BASE or not left.walk.subjects:
        return None
    to = left.sentence.norms[act.start - 1] == left.lexicon.words.infinitive
    return Stage.ANNOUNCED if to and _touches(left, left.walk.subjects[0], act.start - 1) else None


def _open(left: Left) -> _Answer:
    """ "A way to leave": nothing says that anybody does."""
    return Reason.HYPOTHETICAL if left.state is Base.OPEN else None


def _progress(left: Left) -> _Answer:
    """ "Is leaving" is announced, "is suspending" suspends."""
    if left.state is not Base.PROGRESS:
        return None
    return Stage.SUSPENDED if left.link.action is Action.SUSPEND else Stage.ANNOUNCED


def _live_clause(left: Left) -> _Answer:
    """ "Allies scramble after Kenya quits the court": who reacts speaks of an exit under way."""
    under_way = left.walk.past_boundary and left.state is Base.DONE and left.walk.left > 1
    return Stage.ANNOUNCED if under_way and left.link.action is not Action.SUSPEND else None


def _done(left: Left) -> _Answer:
    """ "Leaves", "has left"."""
    if left.state is not Base.DONE:
        return None
    return Stage.SUSPENDED if left.link.action is Action.SUSPEND else Stage.EFFECTIVE


_RULES: tuple[tuple[str, _Rule], ...] = (
    ("bent-away", _bent_away),
    ("relative", _relative),
    ("inversion", _inversion),
    ("leading-if", _leading_if),
    ("gerund-would", _gerund_would),
    ("opening-background", _opening_background),
    ("background-clause", _background_clause),
    ("corrected", _corrected),
    ("no-news", _no_news),
    ("answering", _answering),
    ("opening-cue", _opening_cue),
    ("old", _old),
    ("other-month", _other_month),
    ("standing", _standing),
    ("plain-noun", _plain_noun),
    ("order-title", _order_title),
    ("headline-future", _headline_future),
    ("open", _open),
    ("progress", _progress),
    ("live-clause", _live_clause),
    ("done", _done),
)


# ---- what the rules ask


def cues_within(cues: Phrases[str], norms: list[str], start: int, end: int, kind: str) -> bool:
    """Tell whether a cue of that kind stands in norms[start:end]."""
    return any(
        found.payload == kind and found.end <= end
        for position in range(start, min(end, len(norms)))
        for found in cues.at(norms, position)
    )


def _only_dates(left: Left, start: int, end: int) -> bool:
    """ "On the anniversary of the war, Russia says that it will leave": what is said now is news."""
    norms, words = left.sentence.norms, left.lexicon.words
    if words.anniversaries.isdisjoint(norms[start:end]) or "," not in norms[end : left.link.act.start]:
        return False
    verbs = [norms[o.start] for o in left.walk.operators if o.start > norms.index(",", end)]
    return bool(verbs) and not left.past and not any(verb.endswith(words.past_endings) for verb in verbs)


def _old_cue(left: Left) -> bool:
    """Tell a cue of age; one that ends in "after" dates the act only where the act stands behind it."""
    norms, link = left.sentence.norms, left.link
    for position in range(left.walk.left, min(len(norms), link.after + 8)):
        for found in left.cues.at(norms, position):
            ends_before = norms[found.end - 1] in left.lexicon.words.past_boundaries
            dates = not ends_before or found.end <= link.act.start
            if found.payload == "old" and found.end <= link.after + 8 and dates:
                return True
    return False


def _modal_after(left: Left) -> bool:
    words, after = left.lexicon.words, left.link.after
    return any(norm in words.future or norm in words.modals for norm in left.sentence.norms[after : after + 3])


def _headline(sentence: Sentence) -> bool:
    """Tell a headline from a sentence of running text: short, and without a full stop."""
    return len(sentence.tokens) <= 16 and sentence.norms[-1] not in (".", "!")


def _ends_with_speech(left: Left) -> bool:
    """Tell whether nothing follows the act's clause but who says so: "…, the trade ministry said"."""
    norms, after = left.sentence.norms, left.link.after
    if "," not in norms[after:]:
        return True
    comma = norms.index(",", after)
    says = any(o.kind in ("say", "declare") and o.start > comma for o in left.sentence.operators)
    return says and len(norms) - comma <= _SPEECH


def _live(left: Left) -> bool:
    """Tell whether a clause after "after" is in the present: "markets fall after Britain votes to leave"."""
    verbs = [left.sentence.norms[operator.start] for operator in left.walk.operators]
    if any(verb.endswith(left.lexicon.words.past_endings) for verb in verbs):
        return False
    return left.link.act.form is WordForm.PRESENT or (not left.noun and bool(verbs))


def _touches(left: Left, actor: ActorMention, position: int) -> bool:
    words, between = left.lexicon.words, left.sentence.norms[actor.end : position]
    return len(between) <= 3 and all(
        norm in words.officials or norm in words.adverbs or norm == words.possessive for norm in between
    )


def _made(left: Left, position: int) -> bool:
    """Tell the year in which the instrument was made: "the treaty (that it) signed with Moscow in 1987"."""
    between = left.sentence.norms[left.link.after : position]
    signed = [i for i, norm in enumerate(between) if norm in left.lexicon.words.made]
    return bool(signed) and not any(norm == "," or norm.isdigit() for norm in between[signed[-1] :])


def _old_year(left: Left) -> bool:
    """Tell a year before the item's own that dates the act, and not the instrument."""
    norms, link, words = left.sentence.norms, left.link, left.lexicon.words
    inside = {i for treaty in left.sentence.treaties for i in range(treaty.start, treaty.end)}
    for position in range(left.walk.left, min(len(norms), max(link.after + 9, left.since + 4))):
        norm = norms[position]
        if link.act.family.returns and position >= link.after and norm in words.past_boundaries:
            return False  # "readmitted after leaving in 2016": the year of the exit, not of the return
        following = norms[position + 1] if position + 1 < len(norms) else ""
        if norm == "," and position >= link.after and following.endswith(words.past_endings):
            return False  # ", signed in 1966": the year of the instrument
        if not (len(norm) == 4 and norm.isdigit() and norm[:2] in ("19", "20")) or position in inside:
            continue
        if position in left.walk.inserted or position < left.since or _made(left, position):
            continue  # "Nicaragua, which quit the OAS in 2023, announces …"
        if link.act.start < position < link.after:
            continue
        if left.day is not None and int(norm) < left.day.year:
            return True
        if left.day is None and left.past and norms[position - 1] in words.year_prepositions:
            return True
    return False
