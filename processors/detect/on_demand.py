"""The sentences of an item, each read only when somebody asks for it: most sentences of a long text hold no act."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import overload

from processors.detect.reading import ActorMention, Sentence, TreatyMention
from processors.detect.scan import plain


class Sentences(Sequence[Sentence]):
    """The sentences in their order; `read` makes the one of a number.

    `acting` are the numbers of those that may hold an act, `naming` of those that may hold an instrument.
    """

    def __init__(
        self, texts: Sequence[str], read: Callable[[int], Sentence], acting: Sequence[int], naming: Sequence[int]
    ) -> None:
        self._texts, self._read, self.acting, self.naming = texts, read, acting, naming
        self._done: dict[int, Sentence] = {}
        self._carried: dict[int, tuple[ActorMention, ...]] = {0: ()}

    def __len__(self) -> int:
        return len(self._texts)

    def __iter__(self) -> Iterator[Sentence]:
        return (self[number] for number in range(len(self)))

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

    def holding(self, words: frozenset[str] | None) -> Iterator[Sentence]:
        """Give the sentences that may hold one of the words, which are small and folded; all where none are given."""
        for number, text in enumerate(self._texts):
            if words is None or not text.isascii() or not words.isdisjoint(plain(text).split()):
                yield self[number]

    @cached_property
    def treaties(self) -> Sequence[TreatyMention]:
        """The instruments of all sentences."""
        return [treaty for number in self.naming for treaty in self[number].treaties]

    @cached_property
    def known(self) -> frozenset[tuple[str | None, str | None]]:
        """Register rows and slugs of all sentences."""
        return frozenset((t.treaty, t.slug) for t in self.treaties if t.named and not t.organisation)

    @cached_property
    def fuller(self) -> Sequence[TreatyMention]:
        """The instruments that are only described, by a counterpart."""
        return [t for t in self.treaties if not t.named and t.counterparts]

    def carried(
        self, index: int, carry: Callable[[Sentence, tuple[ActorMention, ...]], tuple[ActorMention, ...]]
    ) -> tuple[ActorMention, ...]:
        """Give what `carry` takes along from the sentences before `index`: of the nearest that gives anything."""
        number, found = index, self._carried.get(index)
        while found is None:
            number -= 1
            found = carry(self[number], ()) or self._carried.get(number)
        self._carried.update(dict.fromkeys(range(number + 1, index + 1), found))
        return found
