"""Throw out at once what cannot be about a treaty exit: one pass over the text for all act and instrument words.

The only step that sees every item, so it is the one that must be fast (scan.py).
Only an item with an act word near an instrument word goes on.
"""

from __future__ import annotations

from collections.abc import Iterable

from processors.detect.clean import JOINER
from processors.detect.lexicon import Lexicon, unfold
from processors.detect.scan import Scan, plain
from treatywatch.register import Register

_NEAR = 220  # characters between an act word and an instrument word that may belong together


class Prefilter:
    """The words of one language and one register, ready to be looked for."""

    def __init__(self, lexicon: Lexicon, register: Register) -> None:
        acts = {form for act in lexicon.words.acts for verb in act.verbs for form in _forms(verb)}
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
        self._acts = len(act_words)
        self._scan = Scan([*sorted(act_words), *sorted(thing_words)])

    def passes(self, text: str) -> bool:
        """Tell whether an act word stands near an instrument word, both as whole words."""
        acts, act_at, thing_at = self._acts, -_NEAR, -_NEAR  # where the last of each stands
        for phrase, start, _ in self._scan.padded(text.replace(JOINER, "") if JOINER in text else text):
            if phrase < acts:
                if start - thing_at < _NEAR:
                    return True
                act_at = start
            else:
                if start - act_at < _NEAR:
                    return True
                thing_at = start
        return False


def _forms(verb: str) -> list[str]:
    """Write out the five forms of a verb, each of one word or of several ("un sign", "re enter")."""
    words = verb.split()
    length = len(words) // 5
    return [" ".join(words[i : i + length]) for i in range(0, len(words), length)]


def _plain(words: Iterable[str]) -> set[str]:
    """Write each word as the scan reads it; what stands in brackets behind it is no part of it."""
    return {small for word in words if (small := plain(word.partition(" (")[0]).strip())}
