"""Throw out at once what cannot be about a treaty exit: one pass over the text for all act and instrument words.

The only step that sees every item, so it is the one that must be fast: Aho-Corasick over the small-lettered text.
Only an item with an act word near an instrument word goes on.
"""

from __future__ import annotations

from collections.abc import Iterable

import ahocorasick_rs

from processors.detect.lexicon import Lexicon, unfold
from treatywatch.register import Register

_NEAR = 220  # characters between an act word and an instrument word that may belong together


class Prefilter:
    """The words of one language and one register, ready to be looked for."""

    def __init__(self, lexicon: Lexicon, register: Register) -> None:
        acts = {form for act in lexicon.words.acts for verb in act.verbs for form in verb.split()}
        acts |= {noun for act in lexicon.words.acts for noun in act.nouns}
        acts |= lexicon.words.expiry
        for frame in lexicon.words.frames:
            acts |= {full for phrase in (*frame.before, *frame.after) for full in unfold(phrase)}
        kinds = lexicon.words.instruments
        things: set[str] = {*kinds.strong, *kinds.weak, *kinds.truce}
        named = (lexicon.words.nicknames, lexicon.words.organisations, lexicon.words.exit_articles)
        for names in (names for kind in named for names in kind.values()):
            things |= {full for name in names for full in unfold(name)}
        ignored = lexicon.words.ignored_names
        for row in register:
            things |= {name for name in (row.name, row.official, *row.aliases, *row.acronyms) if name not in ignored}
        act_words, thing_words = _plain(acts), _plain(things) - _plain(acts)
        self._patterns = sorted(act_words) + sorted(thing_words)
        self._acts = len(act_words)
        self._machine = ahocorasick_rs.AhoCorasick(self._patterns, matchkind=ahocorasick_rs.MatchKind.Standard)

    def passes(self, text: str) -> bool:
        """Tell whether an act word stands near an instrument word, both as whole words."""
        small = text.lower()
        act_at: list[int] = []
        thing_at: list[int] = []
        size = len(small)
        for pattern, start, end in self._machine.find_matches_as_indexes(small, overlapping=True):
            if (start and small[start - 1].isalnum()) or (end < size and small[end].isalnum()):
                continue
            if pattern < self._acts:
                if any(abs(start - other) < _NEAR for other in thing_at[-3:]):
                    return True
                act_at.append(start)
            else:
                if any(abs(start - other) < _NEAR for other in act_at[-3:]):
                    return True
                thing_at.append(start)
        return False


def _plain(words: Iterable[str]) -> set[str]:
    """Write each word as small letters, with a hyphen and with a space where it has either."""
    plain: set[str] = set()
    for word in words:
        small = word.lower().partition(" (")[0]
        plain |= {small, small.replace("-", " "), small.replace(" ", "-", 1)}
    return {word for word in plain if word}
