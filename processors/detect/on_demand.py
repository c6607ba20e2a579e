"""The sentences of an item, each read only when somebody asks for it: most sentences of a long text hold no act."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import overload

from processors.detect.acts import ActWords
from processors.detect.lexicon import Lexicon
from processors.detect.objects import LinkWords
from processors.detect.reading import ActorMention, Sentence, TreatyMention
from processors.detect.scan import plain
from processors.detect.tokens import words_of

_DOTTED = re.compile(r"[A-Za-z]\.[A-Za-z]\.")
_DIGITS = str.maketrans("0123456789", " " * 10)


class Acting:
    """Tells from the plain words of a sentence that it may hold an act, or an instrument that expires.

    Never says no where `find_links` would find something; says yes where it cannot know (marks beyond ASCII and dots
    inside a word, which the tokenizer folds).
    """

    def __init__(self, acts: ActWords, links: LinkWords, lexicon: Lexicon) -> None:
        rows = (acts.nouns, acts.several, links.frames_before, links.frames_after)
        phrases = [words for row in rows for words in row]
        phrases += [(verb,) for verb in acts.verbs] + [words_of(word) for word in lexicon.words.expiry]
        plain_words = [[word for word in words if word.isalpha()] for words in phrases]
        # A phrase without a letter can be told by no word, and where words are put together nor can a verb.
        self._always = any(not words for words in plain_words) or lexicon.words.order is not None
        self._words = frozenset(max(words, key=len) for words in plain_words if words)

    def may(self, text: str) -> bool:
        """Tell whether the sentence must be read."""
        if self._always or not text.isascii() or _DOTTED.search(text):
            return True
        return not self._words.isdisjoint(plain(text).translate(_DIGITS).split())


class Sentences(Sequence[Sentence]):
    """The sentences in their order; `read` makes the one of a number, `texts` are the same sentences as written."""

    def __init__(self, texts: Sequence[str], read: Callable[[int], Sentence], acting: Acting) -> None:
        self._texts, self._read, self._acting = texts, read, acting
        self._done: dict[int, Sentence] = {}
        self._carried: tuple[ActorMention, ...] = ()
        self._carried_to = 0

    def __len__(self) -> int:
        return len(self._texts)

    @overload
    def __getitem__(self, index: int) -> Sentence: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Sentence]: ...
    def __getitem__(self, index: int | slice) -> Sentence | Sequence[Sentence]:
        """Give a sentence, or several; each is read once."""
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        number = range(len(self))[index]
        sentence = self._done.get(number)
        if sentence is None:
            sentence = self._done[number] = self._read(number)
        return sentence

    def acting(self) -> Iterator[int]:
        """Give the numbers of the sentences that may hold an act."""
        return (number for number, text in enumerate(self._texts) if self._acting.may(text))

    @cached_property
    def treaties(self) -> Sequence[TreatyMention]:
        """The instruments of all sentences."""
        return [treaty for sentence in self for treaty in sentence.treaties]

    def carried(
        self, index: int, carry: Callable[[Sentence, tuple[ActorMention, ...]], tuple[ActorMention, ...]]
    ) -> tuple[ActorMention, ...]:
        """Give what `carry` takes along from the sentences before `index`. To be asked in the order of the text."""
        for sentence in self[self._carried_to : index]:
            self._carried = carry(sentence, self._carried)
        self._carried_to = max(index, self._carried_to)
        return self._carried
