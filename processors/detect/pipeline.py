"""The detector: an item through the ordered steps, to its signals or to the reason why there is none.

The steps in their order, and what breaks if they are swapped:

    clean       first: everything after it compares characters
    prefilter   before any cutting: it is the only step that every item pays for
    sentences   before words: nothing reaches over the end of a sentence
    treaties    before actors: "Ottawa Convention" is no Canada
    actors      before operators: "Baltic states" states nothing
    operators   before acts: after "cancels" an "exit" is a noun
    acts        after actors: "pull Iran out" needs to know Iran
    link        an act counts only with its instrument
    modifiers   what bends a link; needs all operators
    subject     who leaves depends on what the operators say
    decide      last: sees the whole item
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import msgspec

from processors.detect.actors import actor_phrases, find_actors
from processors.detect.acts import ActWords, find_acts, find_operators, operator_phrases
from processors.detect.clean import clean
from processors.detect.dates import find_dates
from processors.detect.decide import Candidate, believable, nearest_reason, signals_of
from processors.detect.ellipsis import following_states
from processors.detect.lexicon import Lexicon, load_lexicon
from processors.detect.link import find_links
from processors.detect.modifiers import weigh
from processors.detect.objects import link_words
from processors.detect.positions import outsiders
from processors.detect.prefilter import Prefilter
from processors.detect.reading import ActorMention, Sentence, TreatyMention
from processors.detect.sentences import split
from processors.detect.subject import leaving
from processors.detect.tokens import Token, tokenize
from processors.detect.treaties import find_treaties, treaty_words
from treatywatch.actors import Actors, load_actors
from treatywatch.errors import ConfigError
from treatywatch.model import Institution, Item, Reason, Signal, Stage
from treatywatch.register import Register, load_register

GRAMMAR = "1"  # raised whenever the code of a step changes what is read
MAX_FIELD = 20_000  # characters of a field that are read: a feed's summary is no book


@dataclass(frozen=True, slots=True)
class Detection:
    """What one item says: its signals, or the reason why it has none.

    `sentences` and `candidates` are what the steps saw, for `explain`; empty where the prefilter stopped.
    """

    signals: tuple[Signal, ...] = ()
    reason: Reason | None = None
    sentences: tuple[Sentence, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    reasons: tuple[Reason, ...] = ()


class _Language:
    """Everything that is made once for a language."""

    def __init__(self, lexicon: Lexicon, register: Register, actors: Actors) -> None:
        self.lexicon = lexicon
        self.actors = actor_phrases(actors)
        self.treaties = treaty_words(lexicon, register)
        self.links = link_words(lexicon, self.treaties)
        self.acts = ActWords(lexicon)
        self.operators = operator_phrases(lexicon)
        self.prefilter = Prefilter(lexicon, register)


class Detector:
    """Reads items. Never raises on any text, keeps no memory, and answers the same for the same item anywhere."""

    def __init__(self, lexicons: Mapping[str, Lexicon], register: Register, actors: Actors) -> None:
        self._register = register
        self._languages = {code: _Language(lexicon, register, actors) for code, lexicon in lexicons.items()}
        parts = [GRAMMAR, register.version, actors.version, *(lexicons[code].version for code in sorted(lexicons))]
        self.version = hashlib.sha256(" ".join(parts).encode()).hexdigest()[:12]

    def read(self, item: Item) -> Detection:
        """Read one revision of an item.

        A revision that carries its `previous` text also gives, with `withdrawn`, each signal that the old text had and
        the new one has not.
        """
        language = self._languages.get(item.language)
        if language is None:
            return Detection(reason=Reason.NO_LEXICON)
        detection = self._read_text(item, language)
        if item.revision > 1 and item.previous is not None:
            before = msgspec.structs.replace(
                item, title=item.previous.title, summary=item.previous.summary, previous=None
            )
            ids = {signal.id for signal in detection.signals}
            gone = [
                msgspec.structs.replace(s, withdrawn=True)
                for s in self._read_text(before, language).signals
                if s.id not in ids
            ]
            detection = replace(
                detection, signals=(*detection.signals, *gone), reason=None if gone else detection.reason
            )
        return detection

    def _read_text(self, item: Item, language: _Language) -> Detection:
        title, summary = clean(item.title[:MAX_FIELD]), clean(item.summary[:MAX_FIELD])
        if not language.prefilter.passes(f"{title}\n{summary}"):
            return Detection(reason=Reason.NO_CANDIDATE)
        day = item.published.date() if item.published else None
        sentences = [
            self._sentence(name, text, start, end, language, day)
            for name, text in (("title", title), ("summary", summary))
            for start, end in split(text)
        ]
        return self._decide(item, sentences, language, day)

    def _sentence(self, name: str, text: str, start: int, end: int, language: _Language, day: date | None) -> Sentence:
        tokens = tokenize(text, start, end)
        sentence = Sentence(
            field=name,
            start=start,
            end=end,
            text=text[start:end].rstrip(),
            tokens=tokens,
            norms=[token.norm for token in tokens],
            cased=any(c.isupper() for c in text[:400]),
            titled=_title_case(tokens),
            question=text[start:end].rstrip().rstrip("\"')").endswith("?"),
        )
        sentence.treaties = find_treaties(sentence, language.treaties, language.actors, language.lexicon)
        sentence.actors = find_actors(sentence, language.actors, language.lexicon, day)
        sentence.operators = find_operators(sentence, language.operators, language.lexicon)
        sentence.acts = find_acts(sentence, language.acts, language.lexicon)
        return sentence

    def _decide(self, item: Item, sentences: list[Sentence], language: _Language, day: date | None) -> Detection:
        lexicon = language.lexicon
        signals: list[Signal] = []
        reasons: list[Reason] = []
        bare: set[str] = set()
        candidates: list[Candidate] = []
        known = frozenset(
            f"{t.treaty or ''}{'~' + t.slug if t.slug else ''}"
            for s in sentences
            for t in s.treaties
            if t.named and not t.organisation
        )
        carried: tuple[ActorMention, ...] = ()
        described: list[tuple[str, TreatyMention]] = []
        for sentence in sentences:
            links, failed = find_links(sentence, lexicon, language.links)
            reasons += failed
            for link in links:
                verdict = weigh(sentence, link, lexicon, lexicon.cues, day)
                actors, non_state = leaving(sentence, link, verdict, lexicon)
                dates = tuple(find_dates(sentence, lexicon, day))
                candidate = Candidate(sentence, link, verdict, actors, non_state, dates)
                candidates.append(candidate)
                if verdict.reason is not None:
                    reasons.append(verdict.reason)
                    continue
                if not actors and not non_state:
                    compound = link.rule.endswith(".compound")
                    if not compound and _org_subject(sentence, link.act.start, lexicon):
                        reasons.append(Reason.ORGANISATION_ACTS)
                        continue
                    candidate = replace(candidate, actors=_elsewhere(carried, len(sentence.tokens)))
                if not candidate.actors:
                    reasons.append(Reason.NO_ACTOR)
                    continue
                earlier = sentences[: sentences.index(sentence)]
                treaty, reason = believable(candidate, item, lexicon, known, earlier, described)
                if treaty is None:
                    reasons.append(reason or Reason.NO_TREATY)
                    continue
                if not treaty.named and treaty.counterparts:
                    described += [(code, treaty) for actor in candidate.actors for code in actor.codes]
                made = signals_of(candidate, treaty, item, self._register, lexicon, self.version)
                if later := following_states(sentence, link.after, lexicon):
                    announced = replace(verdict, stage=Stage.ANNOUNCED, rules=(*verdict.rules, "to-follow"))
                    other = replace(candidate, actors=later, verdict=announced)
                    made += signals_of(other, treaty, item, self._register, lexicon, self.version)
                signals += made
                if verdict.bare:
                    bare.update(signal.id for signal in made)
            carried = _carry(sentence, carried)
        found = [
            msgspec.structs.replace(s, positions=(*s.positions, *outsiders(sentences, s.actor, lexicon)))
            for s in _distinct(signals, bare)
        ]
        if not found and not candidates and any(_expires(sentence, lexicon) for sentence in sentences):
            reasons.append(Reason.EXPIRY)
        reason = None if found else nearest_reason(reasons)
        return Detection(tuple(found), reason, tuple(sentences), tuple(candidates), tuple(reasons))


def _title_case(tokens: list[Token]) -> bool:
    """Tell a headline in title case, whose capitals mean no names."""
    long = [token.text for token in tokens if len(token.text) > 3 and token.text.isalpha()]
    return len(long) > 2 and sum(word[0].isupper() for word in long) > 0.7 * len(long)


def _elsewhere(carried: tuple[ActorMention, ...], tokens: int) -> tuple[ActorMention, ...]:
    """Bring an actor of an earlier sentence along; its place lies beyond the tokens, so that it marks nothing here."""
    return tuple(replace(actor, start=tokens, end=tokens + 1) for actor in carried)


def _carry(sentence: Sentence, before: tuple[ActorMention, ...]) -> tuple[ActorMention, ...]:
    first = next((a for a in sentence.actors if a.acts and a.state), None)
    return (first,) if first is not None else before


def _org_subject(sentence: Sentence, position: int, lexicon: Lexicon) -> bool:
    """Tell whether an organisation is the subject: "ECOWAS suspends …", not "informed the UN that it is leaving"."""
    near = [t for t in sentence.treaties if t.organisation and t.named and 0 <= position - t.end <= 8]
    if not near:
        return False
    between = sentence.norms[near[-1].end : position]
    told = any(o.kind == "notify" and 0 <= near[-1].start - o.end <= 1 for o in sentence.operators)
    start = near[-1].start - 1
    while start > 0 and sentence.norms[start] in lexicon.words.articles:
        start -= 1
    told = told or (start >= 0 and sentence.norms[start] in lexicon.words.prepositions)
    return not told and not set(between) & (lexicon.words.pronouns | lexicon.words.complementizers)


def _expires(sentence: Sentence, lexicon: Lexicon) -> bool:
    """Tell whether an instrument runs out by itself: "the treaty expires"."""
    near = (sentence.norms[t.end : t.end + 6] for t in sentence.treaties if not t.organisation)
    return any(set(norms) & lexicon.words.expiry for norms in near)


def _distinct(signals: list[Signal], bare: set[str]) -> list[Signal]:
    """Make one signal of the readings of one step that the sentences of an item give.

    A step without an organ is the same as the one with it. "Leaves the treaty" beside "parliament voted to leave" is
    the vote, in press tense.
    """
    readings: dict[tuple[str, str, Stage], list[Signal]] = {}
    for signal in signals:
        readings.setdefault((signal.case_id, signal.action, signal.stage), []).append(signal)
    kept = [merged for group in readings.values() for merged in _steps(group)]
    named = {s.case_id for s in kept if s.stage in (Stage.ANNOUNCED, Stage.APPROVED, Stage.NOTIFIED)}
    decided = {s.case_id for s in kept if s.stage is Stage.APPROVED}
    notified = {(s.case_id, s.action) for s in kept if s.stage is Stage.NOTIFIED}
    suspended = {s.case_id for s in kept if s.stage is Stage.SUSPENDED}
    kept = [
        s
        for s in kept
        if not (s.stage is Stage.CONSIDERED and s.case_id in decided)  # the bill that was passed
        and not (s.stage is Stage.ANNOUNCED and (s.case_id, s.action) in notified)  # said by giving the notice
        and not (s.stage is Stage.REJECTED and s.case_id in suspended)  # "suspends, and does not leave"
    ]
    return [s for s in kept if not (s.id in bare and s.stage is Stage.EFFECTIVE and s.case_id in named)]


def _steps(group: list[Signal]) -> list[Signal]:
    """Part the readings of one stage by organ; those without one belong to the first organ that is named."""
    organs: list[Institution | None] = list(dict.fromkeys(s.institution for s in group if s.institution)) or [None]
    return [
        _merged([s for s in group if s.institution is organ or (s.institution is None and organ is organs[0])])
        for organ in organs
    ]


def _merged(readings: list[Signal]) -> Signal:
    """Keep the surest reading, the title's where two are as sure; what it lacks the others lend it."""
    best = max(readings, key=lambda s: s.confidence)
    named = next((s for s in readings if s.institution), best)
    return msgspec.structs.replace(
        best,
        id=named.id,
        institution=named.institution,
        event_date=best.event_date or next((s.event_date for s in readings if s.event_date), None),
        effective_date=best.effective_date or next((s.effective_date for s in readings if s.effective_date), None),
        positions=best.positions or next((s.positions for s in readings if s.positions), ()),
    )


def load_detector(config: Path) -> Detector:
    """Make a detector from the configuration folder. Raises ConfigError with every fault of every file."""
    faults: list[str] = []
    lexicons: dict[str, Lexicon] = {}
    for path in sorted((config / "lexicon").glob("*.yml")):
        try:
            lexicon = load_lexicon(path)
            lexicons[lexicon.language] = lexicon
        except ConfigError as error:
            faults += error.faults
    try:
        register, actors = load_register(config), load_actors(config)
    except ConfigError as error:
        raise ConfigError([*faults, *error.faults]) from error
    if faults:
        raise ConfigError(faults)
    return Detector(lexicons, register, actors)
