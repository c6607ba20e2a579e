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
    instrument  what is left depends on who leaves, and on the rest of the item
    decide      a signal for each actor
    press_tense before the readings are made one: other sentences tell what the press tense leaves open
    says        last: sees the whole item, each step once
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import msgspec

from processors.detect.actors import find_actors
from processors.detect.acts import find_acts, find_operators
from processors.detect.candidate import Candidate
from processors.detect.clean import JOINER, clean
from processors.detect.confidence import Confidence, load_confidence
from processors.detect.decide import nearest_reason
from processors.detect.judge import Judge
from processors.detect.languages import Language, read_language
from processors.detect.lexicon import Lexicon, lexicon_version
from processors.detect.on_demand import Sentences
from processors.detect.positions import outsiders
from processors.detect.press_tense import by_other_sentences
from processors.detect.reading import Refused, Sentence
from processors.detect.says import distinct
from processors.detect.sentences import split
from processors.detect.tokens import Token
from processors.detect.treaties import find_treaties
from treatywatch.actors import Actors, load_actors
from treatywatch.errors import ConfigError
from treatywatch.model import Item, Reason, Signal
from treatywatch.register import Register, load_register

GRAMMAR = "1"  # raised whenever the code of a step changes what is read
MAX_FIELD = 20_000  # characters of a field that are read: a feed's summary is no book


@dataclass(frozen=True, slots=True)
class Detection:
    """What one item says: its signals, or the reason why it has none.

    `sentences`, `candidates` and `refused` (the acts done to no instrument) are what the steps saw, for `explain`;
    empty where the prefilter stopped.
    """

    signals: tuple[Signal, ...] = ()
    reason: Reason | None = None
    sentences: Sequence[Sentence] = ()
    candidates: tuple[Candidate, ...] = ()
    refused: tuple[Refused, ...] = ()
    reasons: tuple[Reason, ...] = ()

    @property
    def unresolved(self) -> tuple[str, ...]:
        """The words for those who act where the item only counts them: "three of the five"."""
        if self.signals:
            return ()
        texts = (a.form.text for c in self.candidates for a in c.actors if c.reason is Reason.NO_ACTOR and not a.codes)
        return tuple(dict.fromkeys(texts))


_NOTHING = Detection(reason=Reason.NO_CANDIDATE)  # the answer to nearly every item


class Detector:
    """Reads items. Never raises on any text, keeps no memory, and answers the same for the same item anywhere."""

    def __init__(
        self, lexicons: Mapping[str, Lexicon | Path], register: Register, actors: Actors, confidence: Confidence
    ) -> None:
        """Take the lexicons by language; one given as a path is read with the first item of its language."""
        self._register, self._actors, self._confidence = register, actors, confidence
        self._waiting = {code: given for code, given in lexicons.items() if isinstance(given, Path)}
        self._languages = {
            code: Language(given, register, actors) for code, given in lexicons.items() if isinstance(given, Lexicon)
        }
        versions = {
            code: lexicon_version(given) if isinstance(given, Path) else given.version
            for code, given in lexicons.items()
        }
        self._versions = {code: self._version(version) for code, version in versions.items()}
        self.version = self._version(*(versions[code] for code in sorted(versions)))

    def version_of(self, language: str) -> str:
        """Name the state of everything that reads one language: what its signals carry. Empty without a lexicon."""
        return self._versions.get(language, "")

    def _version(self, *lexicons: str) -> str:
        parts = [GRAMMAR, self._register.version, self._actors.version, self._confidence.version, *lexicons]
        return hashlib.sha256(" ".join(parts).encode()).hexdigest()[:12]

    def _language(self, code: str) -> Language | None:
        """Give the language, read from its files where this is its first item. Raises ConfigError with their faults."""
        path = self._waiting.pop(code, None)
        if path is not None:
            self._languages[code] = Language(read_language(path), self._register, self._actors)
        return self._languages.get(code)

    @property
    def languages(self) -> frozenset[str]:
        """The languages that it has a lexicon for."""
        return frozenset((*self._languages, *self._waiting))

    @property
    def confidence(self) -> Confidence:
        """How it weighs doubts."""
        return self._confidence

    def read(self, item: Item) -> Detection:
        """Read one revision of an item.

        A revision that carries its `previous` text also gives, with `withdrawn`, each signal that the old text had and
        the new one has not.
        """
        language = self._language(item.language)
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

    def _read_text(self, item: Item, language: Language) -> Detection:
        title, summary = clean(item.title[:MAX_FIELD]), clean(item.summary[:MAX_FIELD])
        if not language.prefilter.passes(title, summary):
            return _NOTHING
        day = item.published.date() if item.published else None
        return self._decide(item, self._sentences(title, summary, language, day), language, day)

    def look(self, item: Item) -> tuple[Sentence, ...]:
        """Give the sentences of an item with all that is found in them, also where the prefilter stops; for explain."""
        language = self._language(item.language)
        if language is None:
            return ()
        title, summary = clean(item.title[:MAX_FIELD]), clean(item.summary[:MAX_FIELD])
        day = item.published.date() if item.published else None
        return tuple(self._sentences(title, summary, language, day))

    def _sentences(self, title: str, summary: str, language: Language, day: date | None) -> Sentences:
        spans = [
            (name, text, start, end, cased)
            for name, text in (("title", title), ("summary", summary))
            for cased in (any(c.isupper() for c in text[:400]),)
            for start, end in split(text, language.lexicon.abbreviation)
        ]
        acting, naming = (
            [
                number
                for number, (name, _, start, end, _) in enumerate(spans)
                for before in (0 if name == "title" else len(title) + 1,)
                if bisect_left(places, before + start) < bisect_left(places, before + end)
            ]
            for places in language.prefilter.places(title, summary)
        )
        texts = [text[start:end] for _, text, start, end, _ in spans]
        return Sentences(texts, lambda i: self._sentence(*spans[i], language, day), acting, naming)

    def _sentence(
        self, name: str, text: str, start: int, end: int, cased: bool, language: Language, day: date | None
    ) -> Sentence:
        tokens = language.words(text, start, end)
        sentence = Sentence(
            field=name,
            start=start,
            end=end,
            text=text[start:end].rstrip(),
            tokens=tokens,
            norms=[token.norm for token in tokens],
            cased=cased,
            titled=_title_case(tokens),
            question=text[start:end].rstrip().rstrip(f"\"'){JOINER}").endswith("?"),
        )
        sentence.treaties = find_treaties(sentence, language.treaties, language.actors, language.lexicon)
        sentence.actors = find_actors(sentence, language.actors, language.lexicon, day)
        sentence.operators = find_operators(sentence, language.operators, language.lexicon)
        sentence.acts = find_acts(sentence, language.acts, language.lexicon)
        return sentence

    def _decide(self, item: Item, sentences: Sentences, language: Language, day: date | None) -> Detection:
        lexicon = language.lexicon
        judge = Judge(lexicon, language.links, self._register, self._confidence, self.version_of(lexicon.language))
        judged = judge.judge(item, sentences, day)
        signals = by_other_sentences(judged.signals, judged.bare, sentences, lexicon, day)
        told = [*sentences.holding(lexicon.outsider_words)] if judged.signals else []
        found = [
            msgspec.structs.replace(s, positions=(*s.positions, *outsiders(told, s.actor, lexicon)))
            for s in distinct(signals, judged.bare)
        ]
        reasons = judged.reasons
        if not found and not judged.candidates and any(_expires(sentences[i], lexicon) for i in sentences.acting):
            reasons.append(Reason.EXPIRY)
        reason = None if found else nearest_reason(reasons)
        return Detection(
            tuple(found),
            reason,
            sentences,
            tuple(judged.candidates),
            tuple(judged.refused),
            tuple(reasons),
        )


def _title_case(tokens: list[Token]) -> bool:
    """Tell a headline in title case, whose capitals mean no names."""
    long = [token.text for token in tokens if len(token.text) > 3 and token.text.isalpha()]
    return len(long) > 2 and sum(word[0].isupper() for word in long) > 0.7 * len(long)


def _expires(sentence: Sentence, lexicon: Lexicon) -> bool:
    """Tell whether an instrument runs out by itself: "the treaty expires"."""
    near = (sentence.norms[t.end : t.end + 6] for t in sentence.treaties if not t.organisation)
    return any(set(norms) & lexicon.words.expiry for norms in near)


def load_detector(config: Path, *, ahead: Collection[str] | None = None) -> Detector:
    """Make a detector from the configuration folder. Raises ConfigError with every fault of every file.

    With `ahead`, only those languages are read now, any other with its first item, and its faults are raised then: for
    a short run, that most likely meets one language.
    """
    faults: list[str] = []
    paths = {path.stem: path for path in sorted((config / "lexicon").glob("*.yml"))}
    lexicons: dict[str, Lexicon | Path] = dict(paths)
    for code, path in paths.items():
        if ahead is not None and code not in ahead:
            continue
        try:
            lexicons[code] = read_language(path)
        except ConfigError as error:
            faults += error.faults
    try:
        register, actors, confidence = load_register(config), load_actors(config), load_confidence(config)
    except ConfigError as error:
        raise ConfigError([*faults, *error.faults]) from error
    if faults:
        raise ConfigError(faults)
    return Detector(lexicons, register, actors, confidence)
