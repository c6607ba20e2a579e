"""Throw out at once what cannot be about a treaty exit: one pass over the text for all act and instrument words.

The only step that sees every item, so it is the one that must be fast (scan.py). Only an item with an act word near an
instrument word goes on. An act that needs a second word ("pull … out", "declares … void") is asked for both, a name
that counts in capitals only ("WHO", "START") for its capitals: a later step would ask for the same. Instrument words
come first, since most texts have none, then the act words around them.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator

from processors.detect.clean import JOINER
from processors.detect.lexicon import Lexicon, unfold
from processors.detect.scan import OPEN, Scan, plain
from processors.detect.sentences import split
from processors.detect.verbs import written_forms
from treatywatch.register import Register

_NEAR = 220  # characters between an act word and an instrument word that may belong together
_APART = 150  # characters between the two words of an act
_BACK = 600  # characters over which an act refers back to an instrument that the title does not name
_REACH = 60  # characters behind an act within which it says what it refers to
_SPACES = re.compile(" {2,}")
_STOP = re.compile(r"[.!?…\n|]")


class Prefilter:
    """The words of one language and one register, ready to be looked for."""

    def __init__(self, lexicon: Lexicon, register: Register) -> None:
        alone = _plain(_acts(lexicon))
        with_after = {word: _plain(after) for words, after in _with_particle(lexicon) for word in _plain(words)}
        with_before: dict[str, set[str]] = {}
        for before, after in _closed_frames(lexicon):
            for word in _plain(after) - alone:
                with_before.setdefault(word, set()).update(_plain(before))
        acts = sorted({*alone, *with_after, *with_before})
        self._after = {i: _spaced(with_after[word]) for i, word in enumerate(acts) if word in with_after.keys() - alone}
        self._before = {i: _spaced(with_before[word]) for i, word in enumerate(acts) if word in with_before}
        things = sorted(_shortest(_plain(_things(lexicon, register)) - {*acts}, _plain(_heads(lexicon))))
        self._free = lexicon.words.order is not None  # no telling from a word's place what it is done to
        if self._free:  # compounds hold them too: "Austrittsgesetz", "Militärabkommen"
            nouns = sorted({noun for family in lexicon.words.acts for noun in family.nouns})
            acts += [*(f"{noun}{OPEN}" for noun in nouns), *(f"{OPEN}{noun}" for noun in nouns)]
            things += [f"{OPEN}{head}" for head in sorted(_heads(lexicon))]
        capitals = _plain(lexicon.words.exact_names) - _plain(_heads(lexicon))
        self._capitals = frozenset(i for i, thing in enumerate(things) if thing in capitals)
        self._acts, self._things = Scan(acts), Scan(things)
        self._abbreviation = lexicon.abbreviation
        words = lexicon.words
        self._pronouns = frozenset(_plain((*words.object_pronouns, *words.instruments.bodies)))
        times = (*words.time_words, *words.weekdays, *words.months, *words.numbers)
        self._closing = frozenset(_plain((*words.boundaries, *words.adverbs, *times)) - words.articles)

    def passes(self, title: str, summary: str) -> bool:
        """Tell whether the item has an act that may be done to an instrument."""
        text = f"{title}\n{summary}"
        if JOINER in text or "  " in text:
            text = _SPACES.sub(" ", text.replace(JOINER, ""))
        small = plain(f" {text} ")
        things = self._thing_places(text, small, title, summary)
        return bool(things) and any(
            self._free or self._same_sentence(text, start, things) or self._refers(text, small, end)
            for first, last in _windows(things, len(small))
            for start, end in self._act_places(small, first, last)
            if _near(start, things)
        )

    def places(self, title: str, summary: str) -> tuple[list[int], list[int]]:
        """Give where acts begin that may be done to an instrument, and where instrument words do.

        Both are counted in title, line end and summary.

        Those are acts with an instrument word in the same sentence, and acts that may refer to one named before.
        Every place is given of a text with soft hyphens or wide spaces, which hide phrases from the scan, and of a
        language with an order of its own.
        """
        text = f"{title}\n{summary}"
        if self._free or JOINER in text or "  " in text:
            everywhere = [*range(len(title) + len(summary) + 1)]
            return everywhere, everywhere
        small = plain(f" {text} ")
        things = self._thing_places(text, small, title, summary)
        acts = self._act_places(small, 0, len(small))
        named = bool(things) and things[0] <= len(title)
        found = [
            start
            for start, end in acts
            if self._same_sentence(text, start, things)
            or ((named or _named_before(start, things)) and self._refers(text, small, end))
        ]
        return found, things

    def _thing_places(self, text: str, small: str, title: str, summary: str) -> list[int]:
        """Give where instrument words begin, in order."""
        found = self._things.found(small)
        small_only = [hit for hit in found if hit[0] in self._capitals and text[hit[1] : hit[2] - 2].islower()]
        if small_only and _cased(title, summary):
            found = sorted({*found} - {*small_only})
        return sorted(start for _, start, _ in found)

    def _act_places(self, small: str, first: int, last: int) -> Iterator[tuple[int, int]]:
        """Give where acts begin and end in small[first:last]."""
        for act, start, end in self._acts.found(small[first:last]):
            at, to = first + start, first + end
            if act in self._after and not _any(self._after[act], small, to - 1, to + _APART):
                continue
            if act in self._before and not _any(self._before[act], small, at - _NEAR, at + 1):
                continue
            yield at, to - 2

    def _same_sentence(self, text: str, act: int, things: list[int]) -> bool:
        """Tell whether an instrument word near the act stands in its sentence."""
        at = bisect_left(things, act)
        for thing in things[max(0, at - 1) : at + 1]:
            first, last = min(thing, act), max(thing, act)
            if last - first < _NEAR and not self._ends_between(text[first:last]):
                return True
        return False

    def _ends_between(self, text: str) -> bool:
        return _STOP.search(text) is not None and len(split(f"{text}X", self._abbreviation)) > 1

    def _refers(self, text: str, small: str, end: int) -> bool:
        """Tell whether an act may be done to what another sentence names: "leaves it", "leaves the bloc", "leaves."."""
        if not text[end : end + 2].strip().isalnum():
            return True  # a mark follows, or nothing
        stop = _STOP.search(text, end, end + _REACH)
        following = small[end + 1 : stop.start() + 1 if stop else end + _REACH].split()
        return not following or following[0] in self._closing or not self._pronouns.isdisjoint(following)


def _near(act: int, things: list[int]) -> bool:
    at = bisect_left(things, act)
    return any(abs(thing - act) < _NEAR for thing in things[max(0, at - 1) : at + 1])


def _named_before(act: int, things: list[int]) -> bool:
    at = bisect_left(things, act)
    return at > 0 and act - things[at - 1] < _BACK


def _windows(things: list[int], size: int) -> Iterator[tuple[int, int]]:
    """Give the stretches of text around instrument words, each place once."""
    first, last = 0, 0
    for thing in things:
        if thing - _NEAR > last:
            if last:
                yield first, last
            first = max(0, thing - _NEAR)
        last = min(size, thing + _NEAR + _APART)
    yield first, last


def _acts(lexicon: Lexicon) -> Iterator[str]:
    """Give the words that can be an act alone."""
    for family in lexicon.words.acts:
        yield from family.nouns
        if family.particle is None:
            yield from (form for row in family.verbs for form in _forms(row, lexicon))
    yield from lexicon.words.expiry
    yield from lexicon.words.order.signs if lexicon.words.order else ()
    for frame in lexicon.words.frames:
        if not (frame.before and frame.after):
            yield from (full for phrase in (*frame.before, *frame.after) for full in unfold(phrase))


def _with_particle(lexicon: Lexicon) -> Iterator[tuple[list[str], set[str]]]:
    """Give the verbs that need a particle behind them, with every particle that a form of theirs can have."""
    particles: dict[str, set[str]] = {}
    for family in lexicon.words.acts:
        for form in (form for row in family.verbs if family.particle for form in _forms(row, lexicon)):
            particles.setdefault(form, set()).add(family.particle or "")
    return (([form], words) for form, words in particles.items())


def _closed_frames(lexicon: Lexicon) -> Iterator[tuple[list[str], list[str]]]:
    """Give the phrases of frames that stand around the instrument: "declares … void"."""
    for frame in lexicon.words.frames:
        if frame.before and frame.after:
            before = [full for phrase in frame.before for full in unfold(phrase)]
            yield before, [full for phrase in frame.after for full in unfold(phrase)]


def _heads(lexicon: Lexicon) -> set[str]:
    kinds = lexicon.words.instruments
    return {*kinds.strong, *kinds.weak, *kinds.truce}


def _things(lexicon: Lexicon, register: Register) -> Iterator[str]:
    """Give the words for instruments."""
    yield from _heads(lexicon)
    for kind in (lexicon.words.nicknames, lexicon.words.organisations, lexicon.words.exit_articles):
        yield from (full for names in kind.values() for name in names for full in unfold(name))
    for row in register:
        names = (row.name, row.official, *row.aliases, *row.acronyms)
        yield from (name for name in names if name not in lexicon.words.ignored_names)


def _shortest(things: set[str], heads: set[str]) -> set[str]:
    """Leave out names that hold a head noun as a word: "rome statute" is found by "statute"."""
    return {thing for thing in things if thing in heads or heads.isdisjoint(thing.split())}


def _forms(row: str, lexicon: Lexicon) -> list[str]:
    """Cut the five forms of a verb, each of one word or more; one that separates gives its parts too."""
    if lexicon.words.order is not None:
        return list(written_forms(row, lexicon))
    forms = row.split()
    width = len(forms) // 5
    return [" ".join(forms[at : at + width]) for at in range(0, len(forms), width)]


def _plain(words: Iterable[str]) -> set[str]:
    """Write each word as the scan reads it; what stands in brackets behind it is no part of it.

    A phrase with a mark inside is written with single spaces and with those that its marks leave: a text has either,
    "oil producers' cartel" and "oil producers cartel".
    """
    read = {plain(word.partition(" (")[0]).strip() for word in words}
    return {small for phrase in read for small in (phrase, " ".join(phrase.split())) if small}


def _spaced(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(f" {word} " for word in sorted(words))


def _any(words: tuple[str, ...], text: str, start: int, end: int) -> bool:
    return any(text.find(word, max(0, start), end) >= 0 for word in words)


def _cased(title: str, summary: str) -> bool:
    """Tell that both fields know capitals: where one does not, its names are in small letters."""
    return all(any(c.isupper() for c in field[:400]) for field in (title, summary) if field)
