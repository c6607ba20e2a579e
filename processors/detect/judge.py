"""Judge the links of an item one after the other, with what its earlier sentences have named.

Every link becomes a candidate that keeps the ids of its rules and, where it makes no signal, the reason.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial

from processors.detect.candidate import Candidate
from processors.detect.confidence import Confidence
from processors.detect.dates import FoundDate, find_dates
from processors.detect.decide import signals_of
from processors.detect.ellipsis import following_states
from processors.detect.instrument import Named, instrument
from processors.detect.lexicon import Lexicon
from processors.detect.link import find_links
from processors.detect.modifiers import weigh
from processors.detect.objects import LinkWords
from processors.detect.on_demand import Sentences
from processors.detect.reading import ActorMention, Link, Refused, Sentence, TreatyMention, WordForm
from processors.detect.says import carry, elsewhere
from processors.detect.subject import leaving
from treatywatch.model import Action, Item, Reason, Signal, Stage
from treatywatch.register import Register

_ORGANISATION = 8  # words between an organisation and the act that it does


@dataclass(frozen=True, slots=True)
class Judged:
    """All readings of an item: the signals as they were made, and what became of every candidate.

    `bare` are the ids of signals that are effective by their tense alone.
    """

    signals: list[Signal] = field(default_factory=list)
    bare: set[str] = field(default_factory=set)
    candidates: list[Candidate] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    reasons: list[Reason] = field(default_factory=list)


class Judge:
    """Holds what does not change while an item is read."""

    def __init__(
        self, lexicon: Lexicon, links: LinkWords, register: Register, confidence: Confidence, version: str
    ) -> None:
        self._lexicon, self._links, self._register, self._version = lexicon, links, register, version
        self._confidence = confidence
        self._dated: tuple[Sentence, tuple[FoundDate, ...]] | None = None  # of the sentence that is being judged

    def judge(self, item: Item, sentences: Sentences, day: date | None) -> Judged:
        """Judge every link of every sentence, in order; `day` is the item's date."""
        judged = Judged()
        described: list[tuple[str, TreatyMention]] = []
        for index in sentences.acting:
            sentence = sentences[index]
            links, failed = find_links(sentence, self._lexicon, self._links)
            judged.refused.extend(failed)
            judged.reasons.extend(one.reason for one in failed)
            for link in links:
                candidate = self._acting(sentence, link, day, partial(_named_elsewhere, sentences, index, link))
                named = Named(sentences, index, described)
                candidate, treaty = self._about(candidate, named)
                judged.candidates.append(candidate)
                if treaty is None:
                    judged.reasons.append(candidate.reason or Reason.NO_TREATY)
                    continue
                if not treaty.named and treaty.counterparts:
                    described += [(code, treaty) for actor in candidate.actors for code in actor.codes]
                made = self._signals(candidate, treaty, item)
                judged.signals.extend(made)
                if candidate.verdict.bare:
                    judged.bare.update(signal.id for signal in made)
        return judged

    def _acting(
        self, sentence: Sentence, link: Link, day: date | None, carried: Callable[[], tuple[ActorMention, ...]]
    ) -> Candidate:
        """Weigh the link and find who leaves, here or in an earlier sentence."""
        verdict = weigh(sentence, link, self._lexicon, self._lexicon.cues, day)
        found = leaving(sentence, link, verdict, self._lexicon)
        if self._dated is None or self._dated[0] is not sentence:
            self._dated = (sentence, tuple(find_dates(sentence, self._lexicon, day)))
        candidate = Candidate(
            sentence, link, verdict, found.actors, self._dated[1], (*verdict.rules, found.rule), verdict.reason
        )
        if found.actors and not any(actor.codes for actor in found.actors):  # "three of the five": who is not said
            return replace(
                candidate, rules=(*candidate.rules, "no.partial"), reason=candidate.reason or Reason.NO_ACTOR
            )
        if candidate.reason is not None or found.actors:
            return candidate
        if found.non_state:
            return replace(candidate, reason=Reason.NO_ACTOR)
        if not link.rule.endswith(".compound") and _organisation_acts(sentence, link.act.start, self._lexicon):
            rules = (*candidate.rules, "no.organisation-acts")
            return replace(candidate, rules=rules, reason=Reason.ORGANISATION_ACTS)
        actors = elsewhere(carried(), len(sentence.tokens))
        rules = (*candidate.rules, "who.carried") if actors else candidate.rules
        return replace(candidate, actors=actors, rules=rules, reason=None if actors else Reason.NO_ACTOR)

    def _about(self, candidate: Candidate, named: Named) -> tuple[Candidate, TreatyMention | None]:
        """Find the instrument of a candidate that still is one."""
        if candidate.reason is not None:
            return candidate, None
        meant = instrument(candidate, self._lexicon, named)
        link = candidate.link
        if meant.treaty is not None and meant.treaty.organisation and link.treaty.pronoun:
            action = Action.WITHDRAW if link.action is Action.TERMINATE else link.action
            link = replace(link, action=action)  # "review the membership and end it": a body is left, not terminated
        rules = (*candidate.rules, meant.rule)
        return replace(candidate, link=link, rules=rules, reason=meant.reason), meant.treaty

    def _signals(self, candidate: Candidate, treaty: TreatyMention, item: Item) -> list[Signal]:
        """Make the signals of a candidate, and those of the states that are said to follow."""
        made = signals_of(candidate, treaty, item, self._register, self._lexicon, self._confidence, self._version)
        if later := following_states(candidate.sentence, candidate.link.after, self._lexicon):
            announced = replace(candidate.verdict, stage=Stage.ANNOUNCED)
            rules = (*candidate.rules, "to-follow")
            other = replace(candidate, actors=later, verdict=announced, rules=rules)
            made += signals_of(other, treaty, item, self._register, self._lexicon, self._confidence, self._version)
        return made


def _named_elsewhere(sentences: Sentences, index: int, link: Link) -> tuple[ActorMention, ...]:
    """Give the state that an earlier sentence names; for a title without any, the one that the summary opens with.

    "Law on the denunciation of …" over "The President of Russia has signed the law".
    """
    carried, sentence = sentences.carried(index, carry), sentences[index]
    if carried or sentence.field != "title" or sentence.actors or link.act.form is not WordForm.NOUN:
        return carried
    following = next((other for other in sentences if other.field != "title"), None)
    return carry(following, ()) if following is not None else ()


def _organisation_acts(sentence: Sentence, position: int, lexicon: Lexicon) -> bool:
    """Tell whether an organisation is the subject: "ECOWAS suspends …", not "informed the UN that it is leaving"."""
    near = [t for t in sentence.treaties if t.organisation and t.named and 0 <= position - t.end <= _ORGANISATION]
    if not near:
        return False
    between = sentence.norms[near[-1].end : position]
    told = any(o.kind == "notify" and 0 <= near[-1].start - o.end <= 1 for o in sentence.operators)
    start = near[-1].start - 1
    while start > 0 and sentence.norms[start] in lexicon.words.articles:
        start -= 1
    told = told or (start >= 0 and sentence.norms[start] in lexicon.words.prepositions)
    return not told and not set(between) & (lexicon.words.pronouns | lexicon.words.complementizers)
