"""Walk from an act to the left until its clause ends, and collect what bends it and who may be its subject."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from processors.detect.addressee import addressed
from processors.detect.lexicon import Lexicon
from processors.detect.reading import ActorMention, Link, Operator, Sentence, WordForm

_TIME = 5  # words at the opening of a sentence in which "after" makes it a clause of time
_PREDICATE = 8  # words of "becomes the first EU member state"
PAST_FORMS = (WordForm.PAST, WordForm.PARTICIPLE)


@dataclass
class Walk:
    """What the walk to the left met."""

    operators: list[Operator] = field(default_factory=list)
    subjects: list[ActorMention] = field(default_factory=list)
    past_boundary: bool = False
    relative: bool = False
    boundary: str = ""
    leading_if: bool = False
    left: int = 0
    inserted: set[int] = field(default_factory=set)  # tokens of insertions, which bend nothing


def walk_left(sentence: Sentence, link: Link, lexicon: Lexicon, start: int) -> Walk:
    """Collect operators and actors from `start` to the left, nearest first, up to the end of the clause."""
    words, norms, act = lexicon.words, sentence.norms, link.act
    walk = Walk()
    ends = {operator.end: operator for operator in sentence.operators}
    actors = {actor.end: actor for actor in sentence.actors}
    finite = act.form in (WordForm.PRESENT, WordForm.PAST, WordForm.PARTICIPLE)
    coordinated = False
    position = start
    while position > 0:
        operator = ends.get(position)
        if operator is not None and operator.end <= start:
            if not coordinated:
                walk.operators.append(operator)
            joined = operator.start > 0 and norms[operator.start - 1] in words.conjunctions - {","}
            coordinated = coordinated or (joined and operator.kind in ("say", "declare", "notify", "react"))
            position = operator.start
            continue
        actor = actors.get(position)
        if actor is not None and actor.acts:
            walk.subjects.append(actor)
            position = actor.start
            continue
        norm = norms[position - 1]
        if norm == "," and _closes_insertion(sentence, link, position, lexicon):
            walk.inserted |= set(range(_opening(norms, position - 1), position))
            position = _opening(norms, position - 1)  # "votes, 52 to 48, to leave"
            continue
        if norm == "," and (opened := _behind_verb(sentence, position - 1)):
            position = opened  # "adopts, on the third reading, a law by which Georgia withdraws"
            continue
        if norm == "," and _closes_opening(sentence, position - 1, start, lexicon):
            walk.boundary = norm
            break  # "A year after the war, Georgia's exit is complete": when, and no background
        if norm == "," and not walk.subjects and (opened := _after_subject(sentence, position, start, lexicon)):
            walk.inserted |= set(range(opened, position))
            position = opened  # "Finland, which borders Russia, deposits …"
            continue
        if norm in (";", ":", "—", "–", "|", "-") or (
            norm == ","
            and _subject(sentence, walk, lexicon) is not None
            and not _apposed(sentence, position - 1, lexicon)
        ):
            walk.boundary = norm
            break
        if norm in words.relatives:
            if position > 2 and norms[position - 2] in words.law_links and norms[position - 3] in words.law_nouns:
                position -= 2  # "passed a bill under which Russia leaves"
                continue
            if _predicate(sentence, position - 1, lexicon):
                position -= 1
                continue
            walk.relative = True
            break
        if norm in words.complementizers and act.form in PAST_FORMS and not _reports(sentence, position - 1):
            walk.relative = True
            break
        if norm in words.boundaries and position < start and norms[position] in words.days:
            position -= 1  # "since midnight"
            continue
        if norm in words.boundaries and _lies_before(sentence, position - 1, lexicon):
            position -= 1  # "the bill before the Polish parliament would take the country out"
            continue
        if norm in words.boundaries:
            walk.boundary = norm
            walk.past_boundary = norm in words.past_boundaries
            break
        if (
            norm in words.conjunctions
            and norm != ","
            and walk.subjects
            and not _joins(sentence, walk, position, lexicon)
        ):
            walk.boundary = norm
            break  # "the treaty is weak and the UK should leave": a new clause with its own subject
        if norm in words.conjunctions and norm != "," and finite and position >= act.start - 1:
            coordinated = True
        position -= 1
    walk.left = position
    walk.leading_if = norms[0] in words.if_words and start > 0 and "," in norms[:start]
    return walk


def governing(sentence: Sentence, operators: list[Operator], start: int, lexicon: Lexicon) -> list[Operator]:
    """Leave out operators that govern another verb ("the plan to refer Iran or face …"); "a vote" is a noun."""
    words, norms = lexicon.words, sentence.norms
    kept: list[Operator] = []
    inner = start
    for operator in operators:
        gap = norms[operator.end : inner]
        other = norms[start - 1] not in words.contrasts & words.joiners and any(
            word == words.infinitive
            and following.isalpha()
            and following not in words.articles
            and following not in words.adverbs
            and following not in lexicon.institution_words
            and following not in words.officials
            and following not in words.causatives
            and not (following in words.handing and _hands_notice(sentence, operators, operator))
            and not any(actor.start == operator.end + i + 1 for actor in sentence.actors)
            for i, (word, following) in enumerate(pairwise(gap))
        )
        if (
            other
            and operator.kind in ("plan", "declare", "approve", "consider", "undo")
            and not set(gap) & words.complementizers
        ):
            continue
        if norms[operator.start] in words.near_only and operator.end - operator.start == 1 and len(gap) > 2:
            continue
        if operator.kind in ("approve", "plan", "consider") and set(gap) & words.detours:
            continue  # "approves amendments to the withdrawal bill": what is approved is something else
        before = norms[operator.start - 1] if operator.start else ""
        if operator.kind == "approve" and before in words.articles and norms[operator.start] in words.nouns_too:
            operator = Operator(operator.start, operator.end, "consider")
        kept.append(operator)
        inner = operator.start
    return kept


def _hands_notice(sentence: Sentence, operators: list[Operator], outer: Operator) -> bool:
    """Tell "decides to give notice of its exit", where the notice is what is decided."""
    return any(o.kind == "notify" and o.start >= outer.end for o in operators)


def told_in_past(sentence: Sentence, walk: Walk, would: Operator, lexicon: Lexicon) -> bool:
    """Tell "said it would leave", which reports a will, from "says it would leave", which is a condition."""
    tellers = [o for o in walk.operators if o.kind in ("say", "declare", "plan") and o.end <= would.start]
    told = any(o.kind == "notify" and o.end <= would.start for o in walk.operators)
    return told or any(sentence.norms[o.start].endswith(lexicon.words.past_endings) for o in tellers)


def _closes_insertion(sentence: Sentence, link: Link, position: int, lexicon: Lexicon) -> bool:
    """Tell the second comma of an insertion before "to": what lies between the commas bends nothing."""
    norms = sentence.norms
    if position >= len(norms) or _opening(norms, position - 1) <= 0:
        return False
    opened = _opening(norms, position - 1)
    told = any(
        o.kind in ("notify", "say", "declare") and opened - o.end <= 3 for o in sentence.operators if o.end <= opened
    )
    if norms[position] in lexicon.words.complementizers and told:
        return True  # "has notified the depositaries, Canada and Hungary, that it will leave"
    return norms[position] == lexicon.words.infinitive and position >= link.act.start - 3


def _joins(sentence: Sentence, walk: Walk, position: int, lexicon: Lexicon) -> bool:
    """Tell an "and" inside a list of actors, or far from the subject, from one that opens a clause with a subject."""
    start = walk.subjects[-1].start
    while start > position and sentence.norms[start - 1] in lexicon.words.articles:
        start -= 1
    behind = any(o.start >= walk.subjects[-1].end for o in walk.operators)
    return start != position or not behind or any(actor.end == position - 1 for actor in sentence.actors)


def _after_subject(sentence: Sentence, position: int, start: int, lexicon: Lexicon) -> int:
    """Give the place of the comma that opens an insertion behind a subject, where its verb follows the second comma."""
    norms, words = sentence.norms, lexicon.words
    verb = position
    while verb < start and (norms[verb] in words.adverbs or norms[verb] in words.be or norms[verb] in words.perfect):
        verb += 1
    if verb != start and not any(operator.start == verb for operator in sentence.operators):
        return 0
    for opening in range(position - 3, max(position - 26, 0), -1):
        before = [a for a in sentence.actors if a.end == opening and a.state]
        if norms[opening] == "," and any(subject_position(sentence, a, lexicon) for a in before):
            listed = any(a.start in (opening + 1, opening + 2) and a.end == position - 1 for a in sentence.actors)
            return 0 if listed else opening
    return 0


def _lies_before(sentence: Sentence, position: int, lexicon: Lexicon) -> bool:
    """Tell "the bill before parliament", where it lies, from a clause of time."""
    words, norms = lexicon.words, sentence.norms
    if position == 0 or norms[position - 1] not in words.bills | words.law_nouns:
        return False
    return any(norm in lexicon.institution_words for norm in norms[position + 1 : position + 4])


def _closes_opening(sentence: Sentence, comma: int, start: int, lexicon: Lexicon) -> bool:
    """Tell the comma behind a clause of time that opens the sentence; what follows must have a subject of its own."""
    norms, words = sentence.norms, lexicon.words
    if "," in norms[:comma] or not set(norms[: min(_TIME, comma)]) & words.past_boundaries or comma + 1 > start:
        return False
    following = norms[comma + 1]
    actor = any(a.start in (comma + 1, comma + 2) for a in sentence.actors)
    verb = comma + 1 == start or any(operator.start == comma + 1 for operator in sentence.operators)
    noun = following in words.articles or following in words.pronouns or following not in lexicon.function_words
    return actor or (noun and not verb and following[0].isalnum())


def _behind_verb(sentence: Sentence, comma: int) -> int:
    """Give the comma that opens an insertion right behind an operator, which `comma` closes; 0 where there is none."""
    opening = _opening(sentence.norms, comma)
    return opening if opening and any(operator.end == opening for operator in sentence.operators) else 0


def _opening(norms: list[str], comma: int) -> int:
    """Give the place of the comma that opens the insertion which `comma` closes; 0 where there is none near."""
    return next((i for i in range(comma - 1, max(comma - 16, 0), -1) if norms[i] == ","), 0)


def _predicate(sentence: Sentence, relative: int, lexicon: Lexicon) -> bool:
    """Tell "becomes the first country whose parliament votes to leave": the relative clause is the news."""
    norms, words = sentence.norms, lexicon.words
    near = norms[max(0, relative - _PREDICATE) : relative]
    return not words.ranked.isdisjoint(near) and not words.becoming.isdisjoint(near)


def _reports(sentence: Sentence, that: int) -> bool:
    """Tell whether a "that" belongs to a verb of saying before it, and is no relative."""
    kinds = ("say", "declare", "react", "notify", "reject", "plan", "consider", "advocate")
    return any(operator.kind in kinds and operator.end <= that for operator in sentence.operators)


def _apposed(sentence: Sentence, comma: int, lexicon: Lexicon) -> bool:
    """Tell a comma of a list of actors from one that ends a clause: "Estonia, Latvia and Lithuania leave"."""
    before = next((actor for actor in sentence.actors if actor.end == comma), None)
    after = next((actor for actor in sentence.actors if actor.start in (comma + 1, comma + 2)), None)
    if before is None or after is None or set(before.codes) & set(after.codes):
        return False  # "in Luanda, Angola's minister": no list names a state twice
    start = before.start - 1
    while start >= 0 and sentence.norms[start] in lexicon.words.articles:
        start -= 1
    return start < 0 or sentence.norms[start] not in lexicon.words.boundaries  # "after the US, Israel says"


def _subject(sentence: Sentence, walk: Walk, lexicon: Lexicon) -> ActorMention | None:
    return next((actor for actor in walk.subjects if subject_position(sentence, actor, lexicon)), None)


def _titled_person(sentence: Sentence, position: int, lexicon: Lexicon) -> bool:
    """Tell "King Abdullah (of Jordan)": a name behind an office."""
    for at in range(position, max(position - 3, -1), -1):
        norm = sentence.norms[at]
        if norm in lexicon.words.officials or norm in lexicon.institution_words:
            return at < position
        if not sentence.tokens[at].text[:1].isupper() or norm in lexicon.function_words:
            return False
    return False


def subject_position(sentence: Sentence, actor: ActorMention, lexicon: Lexicon) -> bool:
    """Tell whether an actor can be who acts: not the object of a preposition, unless of "the government of"."""
    words, norms = lexicon.words, sentence.norms
    position = actor.start - 1
    skipped = False
    while position >= 0 and (
        norms[position] in words.articles - {words.possessive} or norms[position] in words.adverbs
    ):
        skipped = skipped or norms[position] in words.days
        position -= 1
    if skipped and position >= 0 and norms[position] in words.prepositions:
        return True  # "from today Lithuania is no longer bound"
    if position < 0:
        return True
    if addressed(sentence, actor, lexicon):
        return False
    norm = norms[position]
    over = next((o for o in sentence.operators if o.start <= position < o.end), None)
    if over is not None:
        told = over.kind == "notify" or norms[over.start] in words.told
        return not (told and over.end == position + 1)  # "notifies the European Council of": whom one tells
    if norm not in words.prepositions:
        return True
    if norm not in words.of_what or position == 0:
        return False
    if norms[position - 1] in words.groups_of:
        return True  # "a group of Iranian lawmakers"
    if norms[position - 1] in words.instancing:
        return True  # "three cabinets, those of Czechia, Slovakia and Hungary, say"
    organ = norms[position - 1] in words.officials or norms[position - 1] in lexicon.institution_words
    organ = organ or _titled_person(sentence, position - 1, lexicon)
    if not organ and norms[position - 1] not in words.institution_nouns:
        return False
    before = next(
        (n for n in reversed(norms[max(0, position - 9) : position - 1]) if n in words.prepositions or n in ",;:"), ""
    )
    return before not in words.prepositions or before in words.of_topic
