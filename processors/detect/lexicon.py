"""A language as data: `config/lexicon/<language>.yml`, checked and unfolded.

Nothing here knows English; the words and what they do come from the file.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from functools import cache, cached_property
from itertools import product
from pathlib import Path
from typing import Any

from pydantic import Field, field_validator, model_validator

from processors.detect.order import Order, check_rows, fold_all
from processors.detect.phrases import Phrases
from processors.detect.tokens import fold, words_of
from treatywatch.config import Strict, load
from treatywatch.model import Action, Institution, Stage
from treatywatch.names import Names, names_path

_BRACES = re.compile(r"\{([^{}]*)\}")


@cache
def unfold(phrase: str) -> tuple[str, ...]:
    """Write out the endings in braces: "consider{,s,ed}" gives three phrases, a phrase without braces itself."""
    parts = _BRACES.split(phrase)  # what stands between braces, and what stands in them, in turn
    return tuple(map("".join, product(*(part.split(",") if i % 2 else (part,) for i, part in enumerate(parts)))))


class ActFamily(Strict):
    """Verbs and nouns that do one thing to an instrument; `takes` says what must follow them (see en.yml)."""

    id: str
    action: Action
    takes: str = Field(pattern="^(from|direct|instrument|carrier|to|in|article)$")
    verbs: tuple[str, ...] = ()
    nouns: tuple[str, ...] = ()
    particle: str | None = None
    noun_takes: str | None = Field(None, description="the noun's preposition; the partitive where none is given")
    stage: Stage | None = Field(None, description="what the act is by itself, where it is no deed")
    weak: bool = False
    condemns: bool = False
    returns: bool = False
    stays: bool = False
    admission: bool = Field(False, description="no return where the state had been shut out")
    state: bool = Field(False, description='a state of things, which lasts: with "since" it is no step')
    carries: bool = Field(False, description='the state may be its object: "withdraws the US from"')
    needs_whom: bool = Field(False, description='only with a state as its object: "removes the US from"')
    lapse: bool = Field(False, description="nobody decides it: only its being put off is a step")
    follows: bool = Field(False, description="the object is who left before, not who leaves")
    compounds: bool = Field(True, description='the noun may stand behind the name: "treaty exit"')

    @field_validator("verbs")
    @classmethod
    def _verb_forms(cls, verbs: tuple[str, ...]) -> tuple[str, ...]:
        return check_rows(verbs)


class Frame(Strict):
    """Words before and after an instrument that together are an act ("holds … in abeyance")."""

    id: str
    action: Action
    stage: Stage | None = None
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    needs: str | None = Field(None, description="only together with an operator of this kind before it")
    bare: bool = Field(False, description="the instrument is named elsewhere in the item")
    state: bool = Field(False, description='a state of things: with "since" it is no step')


class Description(Strict):
    """A register row that a noun phrase describes without naming it; `with` asks for one of these states nearby."""

    treaty: str
    about: tuple[str, ...] = ()
    heads: tuple[str, ...] = Field((), description="only with one of these head nouns")
    alone: bool = Field(False, description="only where the noun phrase names no counterpart")
    near: tuple[str, ...] = Field((), alias="with")
    every: bool = Field(False, description="all of the states, not just one of them")


class Carriers(Strict):
    """Nouns between the act and the instrument, by what they make of the act."""

    plain: tuple[str, ...] = ()
    laws: tuple[str, ...] = Field((), description="each with its last preposition")
    accession: tuple[str, ...] = Field((), description="withdrawn, but not suspended or ended")
    deratify: tuple[str, ...] = ()
    unsign: tuple[str, ...] = ()


class InstrumentWords(Strict):
    """Head nouns of instruments that are not named, by how much they promise."""

    strong: tuple[str, ...]
    weak: tuple[str, ...]
    truce: tuple[str, ...] = ()
    bodies: tuple[str, ...] = ()
    body_adjectives: frozenset[str] = frozenset()


class Operators(Strict):
    """Words that bend an act, by what they do; `modifiers.py` holds the meaning of each kind."""

    say: tuple[str, ...] = ()
    plan: tuple[str, ...] = ()
    declare: tuple[str, ...] = ()
    consider: tuple[str, ...] = ()
    approve: tuple[str, ...] = ()
    notify: tuple[str, ...] = ()
    effect: tuple[str, ...] = ()
    advocate: tuple[str, ...] = ()
    reject: tuple[str, ...] = ()
    negate: tuple[str, ...] = ()
    undo: tuple[str, ...] = ()
    react: tuple[str, ...] = ()
    hypothetical: tuple[str, ...] = ()
    talk: tuple[str, ...] = ()


Words = frozenset[str]
# The prefilter looks for these in the text itself, and names are compared as they are written.
_AS_WRITTEN = frozenset(
    {"acts", "frames", "instruments", "nicknames", "organisations", "exit_articles", "exact_names", "order"}
)


class LexiconFile(Strict):
    """The whole of one language file."""

    language: str
    acts: tuple[ActFamily, ...]
    frames: tuple[Frame, ...] = ()
    carriers: Carriers
    carrier_prepositions: Words
    selves: Words
    instruments: InstrumentWords
    purposes: dict[str, tuple[str, ...]]
    generic_adjectives: Words
    head_stealers: tuple[str, ...]
    other_objects: Words
    organisations: dict[str, tuple[str, ...]] = Field({})
    nicknames: dict[str, tuple[str, ...]] = Field({})
    exit_articles: dict[str, tuple[str, ...]] = Field({})
    instrument_slugs: Words = frozenset()
    descriptions: tuple[Description, ...] = ()
    exact_names: frozenset[str] = frozenset()
    ignored_names: frozenset[str] = frozenset()
    institutions: dict[Institution, tuple[str, ...]]
    officials: Words
    non_states: Words
    operators: Operators
    relatives: Words
    complementizers: Words
    past_boundaries: Words
    boundaries: Words
    perfect: Words
    pluperfect: Words
    be: Words
    future: Words
    articles: Words
    adverbs: Words
    prepositions: Words
    conjunctions: Words
    question_starts: Words
    reported: tuple[str, ...] = ()
    conditional: tuple[str, ...] = ()
    old_cues: tuple[str, ...] = ()
    no_news: tuple[str, ...] = ()
    immediate: tuple[str, ...] = ()
    institution_nouns: Words = frozenset()
    infinitive: str
    agents: Words
    source_prepositions: Words
    months: tuple[str, ...] = Field((), max_length=12)
    weekdays: tuple[str, ...] = ()
    numbers: dict[str, int] = Field({})
    units: dict[str, str] = Field({})
    ordinals: Words = frozenset({""})
    midnight: tuple[str, ...] = ()
    effect_words: tuple[str, ...] = ()
    organisation_rows: Words = frozenset()
    organisation_names: Words = frozenset()
    partners: Words
    topical: Words = frozenset()
    describing_endings: tuple[str, ...] = ()
    followers: Words
    time_words: Words
    tight: Words = frozenset()
    telling: Words = frozenset()
    telling_how: Words = frozenset()
    answering: Words = frozenset()
    with_papers: Words = frozenset()
    receiving: Words = frozenset()
    own_articles: Words = frozenset()
    unable: Words = frozenset()
    noticing: Words = frozenset()
    decisions: Words = frozenset()
    plan_nouns: Words = frozenset()
    expecting: Words = frozenset()
    readiness: Words = frozenset()
    instancing: Words = frozenset()
    anniversaries: Words = frozenset()
    made: Words = frozenset()
    ensuring: Words = frozenset()
    groups_of: Words = frozenset()
    open_papers: Words = frozenset()
    nobodies: Words = frozenset()
    recommendations: Words = frozenset()
    past_forms: Words = frozenset()
    obliging: Words = frozenset()
    options: Words = frozenset()
    remaining: Words = frozenset()
    including: Words = frozenset()
    beginning: Words = frozenset()
    owed: Words = frozenset()
    calls_with_object: Words = frozenset()
    contrasts: Words = frozenset()
    ballots: Words = frozenset()
    contra: Words = frozenset()
    interstate: Words = frozenset()
    faint_heads: Words = frozenset()
    gatherings: Words = frozenset()
    formal_heads: Words = frozenset()
    negate_words: Words = frozenset()
    period_words: Words = frozenset()
    past_words: Words = frozenset()
    never_live: Words = frozenset()
    initial_background: Words = frozenset()
    if_words: Words = frozenset()
    supporting: Words = frozenset()
    expiry: Words = frozenset()
    formal: Words = frozenset()
    adjectival_rows: Words = frozenset()
    memberships: Words = frozenset()
    pronouns: Words = frozenset()
    near_only: Words = frozenset()
    unnamed: Words = frozenset()
    backshifted: Words = frozenset()
    year_prepositions: Words = frozenset()
    own_carriers: Words = frozenset()
    definite: Words = frozenset()
    act_tails: Words = frozenset()
    pair_words: Words = frozenset()
    founding_texts: Words = frozenset()
    told: Words = frozenset()
    companions: Words = frozenset()
    owning_articles: Words = frozenset()
    charters: Words = frozenset()
    admitting: Words = frozenset()
    again: Words = frozenset()
    ranked: Words = frozenset()
    becoming: Words = frozenset()
    nouns_too: Words = frozenset()
    denounceable: Words = frozenset()
    past_endings: tuple[str, ...] = ()
    name_tails: Words = frozenset()
    verdicts: Words = frozenset()
    signing: Words = frozenset()
    drafts: Words = frozenset()
    confirming: Words = frozenset()
    asking: Words = frozenset()
    days: Words = frozenset()
    detours: Words = frozenset()
    never_small: Words = frozenset()
    manners: tuple[str, ...] = ()
    spans: Words = frozenset()
    law_nouns: Words = frozenset()
    law_links: Words = frozenset()
    wanting: Words = frozenset()
    inversions: Words = frozenset()
    object_pronouns: Words = frozenset()
    wholes: Words = frozenset()
    founding: Words = frozenset()
    ruling: Words = frozenset()
    voices: tuple[str, ...] = ()
    elected: tuple[str, ...] = ()
    denials: tuple[str, ...] = ()
    owned_carriers: Words = frozenset()
    standing: Words = frozenset()
    modals: Words = frozenset()
    shut_out: Words = frozenset()
    deciding_verbs: Words = frozenset()
    causatives: Words = frozenset()
    partitive: str
    bills: Words = frozenset()
    depositary_rows: Words = frozenset()
    tail_prepositions: Words = frozenset()
    apposed_bodies: Words = frozenset()
    quantifiers: Words = frozenset()
    every_one: Words = frozenset()
    all_but: tuple[str, ...] = ()
    self_pronouns: Words = frozenset()
    handing: Words = frozenset()
    papers: Words = frozenset()
    granting: Words = frozenset()
    collisions: dict[str, frozenset[str]] = Field({})
    never_founded: Words = frozenset()
    by_counterpart: Words = frozenset()
    actor_rows: Words = frozenset()
    abbreviations: tuple[str, ...] = ()
    ordinal_stops: bool = Field(False, description='a stop behind a number of two figures ends no sentence: "27. Mai"')
    capital_nouns: bool = Field(False, description="every noun is written with a capital, and no verb is")
    small_demonyms: bool = Field(False, description="adjectives of states are written small")
    order: Order | None = None
    plural_endings: tuple[str, ...] = ()
    body_names: Words = frozenset()
    establishing: Words = frozenset()
    lenders: Words = frozenset()
    sending: Words = frozenset()
    sent_back: Words = frozenset()
    possessive: str = ""
    owners: Words = frozenset()
    plain_articles: Words = frozenset()
    date_prepositions: Words = frozenset()
    of_whom: Words = frozenset()
    of_what: Words = frozenset()
    of_topic: Words = frozenset()
    object_prepositions: Words = frozenset()
    condemning: Words = frozenset()
    toward: Words = frozenset()
    inside: Words = frozenset()
    progressive: Words = frozenset()
    joiners: Words = frozenset()
    reversing: Words = frozenset()
    declaration_rows: Words = frozenset()
    declarations: Words = frozenset()
    coming: Words = frozenset()
    outsiders: tuple[str, ...] = ()
    corrections: tuple[str, ...] = ()
    winning: Words = frozenset()
    won: tuple[str, ...] = ()
    scheduled: Words = frozenset()
    exceptions: tuple[str, ...] = ()
    inclusions: tuple[str, ...] = ()
    approximations: tuple[str, ...] = ()
    deciding_words: tuple[str, ...] = ()
    followings: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _folded(cls, data: Any) -> Any:
        """Write words with accents as the tokenizer folds them; phrases are folded where they are looked up."""
        if not isinstance(data, dict):
            return data
        return {key: value if key in _AS_WRITTEN else fold_all(value) for key, value in data.items()}


class Lexicon:
    """One language, ready for use; `version` changes whenever the file does."""

    def __init__(self, words: LexiconFile, version: str = "test", names: Names | None = None) -> None:
        self.words = words
        self.names = names
        self.language = words.language
        self.version = version

    @cached_property
    def purpose_of(self) -> dict[str, str]:
        """Adjective or noun -> the purpose that it names in a slug."""
        return {word: purpose for purpose, words in self.words.purposes.items() for word in words}

    @cached_property
    def institution_phrases(self) -> Phrases[Institution]:
        """The words for organs of a state, with which organ they are."""
        return Phrases((phrase, organ) for organ, phrases in self.words.institutions.items() for phrase in phrases)

    @cached_property
    def institution_words(self) -> frozenset[str]:
        """The same words, one by one."""
        return frozenset(phrase for phrases in self.words.institutions.values() for phrase in phrases)

    @cached_property
    def telling_words(self) -> frozenset[str]:
        """Single verbs of saying and deciding, before which no noun phrase of an instrument begins."""
        told = self.words.operators
        phrases = (
            full for kind in (told.say, told.declare, told.reject, told.react) for p in kind for full in unfold(p)
        )
        return frozenset(p for p in phrases if p.isalpha())

    @cached_property
    def effect_phrases(self) -> Phrases[bool]:
        """Words before a date that make it the date of effect."""
        return Phrases((full, True) for phrase in self.words.effect_words for full in unfold(phrase))

    @cached_property
    def immediate_phrases(self) -> Phrases[bool]:
        """Phrases that say that something holds at once."""
        return Phrases((full, True) for phrase in self.words.immediate for full in unfold(phrase))

    @cached_property
    def small_phrases(self) -> Phrases[str]:
        """Phrases that join or part what is done to several instruments or by several states, by what they do."""
        w = self.words
        rows = (
            ("exception", w.exceptions),
            ("inclusion", w.inclusions),
            ("approximately", w.approximations),
            ("all_but", w.all_but),
            ("following", w.followings),
            ("won", w.won),
            ("deciding", w.deciding_words),
            ("manner", w.manners),
            ("outsider", w.outsiders),
            ("voice", w.voices),
            ("elected", w.elected),
            ("denial", w.denials),
            ("correction", w.corrections),
        )
        return Phrases((full, kind) for kind, phrases in rows for phrase in phrases for full in unfold(phrase))

    @cached_property
    def month_numbers(self) -> dict[str, int]:
        """The months by name, January is 1."""
        return {name: number for number, name in enumerate(self.words.months, 1)}

    @cached_property
    def outsider_words(self) -> frozenset[str] | None:
        """A word of each phrase for a state that is no party, its longest; none where sentences are rewritten first."""
        phrases = [words_of(full) for phrase in self.words.outsiders for full in unfold(phrase)]
        return None if self.words.order is not None else frozenset(max(words, key=len) for words in phrases)

    def small_within(self, norms: Sequence[str], start: int, end: int, kind: str) -> bool:
        """Tell whether a small phrase of that kind begins in norms[start:end]."""
        return any(self.small_at(norms, position, kind) for position in range(max(0, start), min(end, len(norms))))

    def small_at(self, norms: Sequence[str], position: int, kind: str) -> int:
        """Give where a small phrase of that kind ends that begins at `position`; 0 where none does."""
        if position >= len(norms):
            return 0
        return next((found.end for found in self.small_phrases.at(norms, position) if found.payload == kind), 0)

    @cached_property
    def cues(self) -> Phrases[str]:
        """Small phrases that colour a sentence: conditional, reported, old, no_news."""
        rows = (
            ("conditional", self.words.conditional),
            ("reported", self.words.reported),
            ("old", self.words.old_cues),
            ("no_news", self.words.no_news),
        )
        return Phrases((full, kind) for kind, phrases in rows for phrase in phrases for full in unfold(phrase))

    @cached_property
    def abbreviation(self) -> re.Pattern[str]:
        """Matches where a full stop ends an abbreviation, or an initial, and no sentence."""
        numbers = [r"\d{1,2}"] if self.words.ordinal_stops else []
        known = "|".join(["[A-Z]", *numbers, *map(re.escape, self.words.abbreviations)])
        return re.compile(rf"(?:\b(?:{known})|(?:\b[A-Za-z]\.)+[A-Za-z])\.$")

    @cached_property
    def function_words(self) -> frozenset[str]:
        """Words after which a noun phrase is over."""
        w = self.words
        grammar = w.prepositions | w.boundaries | w.be | w.future | w.perfect | w.pluperfect | w.conjunctions
        return grammar | w.relatives | w.complementizers | w.adverbs | w.articles | w.followers | w.question_starts

    @cached_property
    def act_forms(self) -> frozenset[str]:
        """Every finite form of every one-word act verb, for telling where a noun phrase ends."""
        rows = [verb.split() for act in self.words.acts for verb in act.verbs]
        order = self.words.order
        if order is not None:
            rows += [row.split() for more in (*order.operators.values(), order.verbs) for row in more]
        return frozenset(fold(full.replace("|", "")) for row in rows for form in row for full in unfold(form))

    def noun_takes(self, family: ActFamily) -> str:
        """Give the preposition between the family's noun and the instrument: "the end of the pact"."""
        return family.noun_takes or self.words.partitive

    def frame_family(self, frame: Frame) -> ActFamily:
        """Give the act family that a frame behaves like."""
        return ActFamily(
            id=frame.id, action=frame.action, takes="direct", state=frame.state, returns=frame.stage is Stage.REVERSED
        )


def load_lexicon(path: Path, names: Names | None = None) -> Lexicon:
    """Read one language file, and add the language's `names`. Raises ConfigError with every fault and its line."""
    words = load(path, LexiconFile)
    if names is not None:
        nicknames, organisations = words.nicknames | names.treaties, words.organisations | names.organisations
        words = words.model_copy(update={"nicknames": nicknames, "organisations": organisations})
    return Lexicon(words, lexicon_version(path), names)


def lexicon_version(path: Path) -> str:
    """Name the state of a lexicon and of the names that belong to it, without reading what they say."""
    names = names_path(path.parent.parent, path.stem)
    text = path.read_bytes() + (names.read_bytes() if names.exists() else b"")
    return hashlib.sha256(text).hexdigest()[:12]
