"""The dictionaries that find instruments: every name of the register and the lexicon, head nouns, descriptions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from processors.detect.lexicon import Description, Lexicon, unfold
from processors.detect.phrases import Phrases
from processors.detect.tokens import fold, words_of
from treatywatch.register import Instrument, Register


@dataclass(frozen=True, slots=True)
class Name:
    """What a phrase names: a register row (with the slug inside a group row), or what the register does not hold.

    `exact` is the one spelling in which the phrase counts; `never_beside` are words that give it another meaning;
    `group` says that the row stands for several instruments, which their counterparts tell apart; `parties` are those
    of a bilateral row where the phrase is a nickname, which other states use of instruments of their own.
    """

    treaty: str | None
    slug: str | None
    organisation: bool
    exact: str | None = None
    article: bool = False
    never_beside: frozenset[str] = frozenset()
    group: bool = False
    parties: tuple[str, ...] = ()


@dataclass(frozen=True)
class TreatyWords:
    """Everything that finds instruments, made once."""

    names: Phrases[Name]
    heads: dict[str, str]
    about: Phrases[Description]
    stealers: Phrases[bool]
    instrument_words: frozenset[str]


def treaty_words(lexicon: Lexicon, register: Register) -> TreatyWords:
    """Make the dictionaries for a language and a register."""
    kinds = lexicon.words.instruments
    heads = dict.fromkeys(map(fold, kinds.strong), "strong") | dict.fromkeys(map(fold, kinds.weak), "weak")
    heads |= dict.fromkeys(map(fold, kinds.truce), "truce")
    about = [(phrase, row) for row in lexicon.words.descriptions for phrase in row.about or row.heads]
    return TreatyWords(
        Phrases(_Names(lexicon, frozenset(heads)).of(register)),
        heads,
        Phrases(about),
        Phrases((phrase, True) for phrase in lexicon.words.head_stealers),
        frozenset(heads),
    )


class _Names:
    """Collects the names; where two sources have one phrase, the first that gave it keeps it."""

    def __init__(self, lexicon: Lexicon, heads: frozenset[str]) -> None:
        self._words = lexicon.words
        self._heads = heads
        self._exact = frozenset(self._words.exact_names)
        self._ignored = {" ".join(words_of(name)) for name in self._words.ignored_names}
        self._groups: set[str] = set()
        self._parties: dict[str, tuple[str, ...]] = {}
        self._own: set[str] = set()
        self._beside = {" ".join(words_of(name)): words for name, words in self._words.collisions.items()}

    def of(self, register: Register) -> Iterator[tuple[str, Name]]:
        """Give every phrase once, with what it names."""
        self._groups = {row.id for row in register if row.group}
        self._parties = {row.id: row.parties for row in register if row.parties and not row.group}
        self._own = {name for row in register for name in (row.name, row.official, *row.acronyms)}
        seen: set[tuple[str, ...]] = set()
        for phrase, name in self._all(register):
            key = words_of(phrase)
            if key and key not in seen and " ".join(key) not in self._ignored:
                seen.add(key)
                yield phrase, name

    def _all(self, register: Register) -> Iterator[tuple[str, Name]]:
        for row, articles in self._words.exit_articles.items():
            for phrase in articles:
                yield phrase, Name(row, None, False, article=True)
        yield from self._nicknames()
        for instrument in register:
            yield from self._row(instrument)
        for slug, names in self._words.organisations.items():
            for phrase in names:
                body = self._member(phrase, None) and slug not in self._words.instrument_slugs
                yield phrase, self._name(phrase, None, slug, body, phrase.isupper())

    def _nicknames(self) -> Iterator[tuple[str, Name]]:
        for key, names in self._words.nicknames.items():
            row, _, slug = key.partition("~")
            for phrase in (full for name in names for full in unfold(name)):
                body = self._member(phrase, row) and slug not in self._words.instrument_slugs
                yield phrase, self._name(phrase, row, slug or None, body)

    def _row(self, instrument: Instrument) -> Iterator[tuple[str, Name]]:
        own = () if instrument.group else (instrument.name, instrument.official)
        for phrase in (*own, *instrument.aliases, *instrument.acronyms):
            slug = "-".join(words_of(phrase)) if instrument.group and phrase in instrument.acronyms else None
            name = self._name(phrase, instrument.id, slug, self._member(phrase, instrument.id))
            yield phrase.partition(" (")[0], name

    def _name(self, phrase: str, row: str | None, slug: str | None, body: bool, capitals: bool = False) -> Name:
        exact = phrase if capitals or phrase in self._exact else None
        beside = self._beside.get(" ".join(words_of(phrase)), frozenset())
        group = row in self._groups and slug is None
        parties = () if phrase in self._own else self._parties.get(row or "", ())
        return Name(row, slug, body, exact, never_beside=beside, group=group, parties=parties)

    def _member(self, phrase: str, row: str | None) -> bool:
        """Tell whether the phrase names a body, which is left, and no instrument, which is torn up."""
        words, parts = self._words, set(words_of(phrase))
        body = bool(parts & set(words.instruments.bodies))
        if parts & self._heads - words.body_names and not body:
            return False
        return row is None or row in words.organisation_rows or body or phrase in words.organisation_names
