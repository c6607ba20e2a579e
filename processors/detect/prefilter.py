"""Throw out at once what cannot be about a treaty exit: one pass over the text for all act and instrument words.

The only step that sees every item, so it is the one that must be fast (scan.py). Only an item with an act word near an
instrument word goes on. An act that needs a second word ("pull … out", "declares … void") is asked for both, a name
that counts in capitals only ("WHO", "START") for its capitals: a later step would ask for the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from processors.detect.clean import JOINER
from processors.detect.lexicon import Lexicon, unfold
from processors.detect.scan import OPEN, Scan, plain
from processors.detect.verbs import written_forms
from treatywatch.register import Register

_NEAR = 220  # characters between an act word and an instrument word that may belong together
_APART = 150  # characters between the two words of an act


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
        things = sorted(_plain(_things(lexicon, register)) - {*acts})
        if lexicon.words.order is not None:  # compounds hold them too: "Austrittsgesetz", "Militärabkommen"
            nouns = sorted({noun for family in lexicon.words.acts for noun in family.nouns})
            acts += [*(f"{noun}{OPEN}" for noun in nouns), *(f"{OPEN}{noun}" for noun in nouns)]
            things += [f"{OPEN}{head}" for head in sorted(_heads(lexicon))]
        self._acts = len(acts)
        self._after = {i: _spaced(with_after[word]) for i, word in enumerate(acts) if word in with_after.keys() - alone}
        self._before = {i: _spaced(with_before[word]) for i, word in enumerate(acts) if word in with_before}
        capitals = _plain(lexicon.words.exact_names) - _plain(_heads(lexicon))
        self._capitals = frozenset(len(acts) + i for i, thing in enumerate(things) if thing in capitals)
        self._scan = Scan([*acts, *things])

    def passes(self, title: str, summary: str) -> bool:
        """Tell whether an act word stands near an instrument word, both as whole words."""
        text = f"{title}\n{summary}".replace(JOINER, "")
        small = plain(f" {text} ")
        acts, act_at, thing_at = self._acts, -_NEAR, -_NEAR  # where the last of each stands
        for phrase, start, end in self._scan.found(small):
            if phrase < acts:
                if (phrase in self._after and not _any(self._after[phrase], small, end - 1, end + _APART)) or (
                    phrase in self._before and not _any(self._before[phrase], small, start - _NEAR, start + 1)
                ):
                    continue
                if start - thing_at < _NEAR:
                    return True
                act_at = start
            else:
                if phrase in self._capitals and text[start : end - 2].islower() and _cased(title, summary):
                    continue
                if start - act_at < _NEAR:
                    return True
                thing_at = start
        return False


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


def _forms(row: str, lexicon: Lexicon) -> list[str]:
    """Cut the five forms of a verb, each of one word or more; one that separates gives its parts too."""
    if lexicon.words.order is not None:
        return list(written_forms(row, lexicon))
    forms = row.split()
    width = len(forms) // 5
    return [" ".join(forms[at : at + width]) for at in range(0, len(forms), width)]


def _plain(words: Iterable[str]) -> set[str]:
    """Write each word as the scan reads it, with single spaces; what stands in brackets behind it is no part of it."""
    return {small for word in words if (small := " ".join(plain(word.partition(" (")[0]).split()))}


def _spaced(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(f" {word} " for word in sorted(words))


def _any(words: tuple[str, ...], text: str, start: int, end: int) -> bool:
    return any(text.find(word, max(0, start), end) >= 0 for word in words)


def _cased(title: str, summary: str) -> bool:
    """Tell that both fields know capitals: where one does not, its names are in small letters."""
    return all(any(c.isupper() for c in field[:400]) for field in (title, summary) if field)
