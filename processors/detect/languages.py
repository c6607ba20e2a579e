"""What is made once for each language that the detector reads, and the words of a sentence in that language's order."""

from __future__ import annotations

from pathlib import Path

from processors.detect.actors import actor_phrases
from processors.detect.acts import ActWords, operator_phrases
from processors.detect.clauses import Clauses
from processors.detect.lexicon import Lexicon, load_lexicon, unfold
from processors.detect.names import treaty_words
from processors.detect.objects import link_words
from processors.detect.order import Order
from processors.detect.prefilter import Prefilter
from processors.detect.rewrite import Words, rewrite
from processors.detect.tokens import Token, tokenize, words_of
from processors.detect.verbs import Verbs, verb_dictionary
from treatywatch.actors import Actors, FormKind
from treatywatch.errors import ConfigError
from treatywatch.names import check_names, load_names, names_path
from treatywatch.register import Register


class Language:
    """Everything that is made once for a language."""

    def __init__(self, lexicon: Lexicon, register: Register, actors: Actors) -> None:
        if lexicon.names is not None:
            check_names(lexicon.names, states=actors, groups=actors.groups, rows=[row.id for row in register])
            actors = actors.called(lexicon.names)
        self.lexicon = lexicon
        self.actors = actor_phrases(actors)
        self.treaties = treaty_words(lexicon, register)
        self.links = link_words(lexicon, self.treaties)
        self.acts = ActWords(lexicon)
        self.operators = operator_phrases(lexicon)
        self.prefilter = Prefilter(lexicon, register)
        order = lexicon.words.order
        self._arranging = None if order is None else _Arranging(lexicon, order, actors)

    def words(self, text: str, start: int, end: int) -> list[Token]:
        """Give the words of a sentence in the order in which the steps read them."""
        tokens = tokenize(text, start, end)
        return tokens if self._arranging is None else self._arranging.arrange(text, tokens)


class _Arranging:
    """Rewrites and orders the words of a language that has an order of its own."""

    def __init__(self, lexicon: Lexicon, order: Order, actors: Actors) -> None:
        words = lexicon.words
        names = [
            full
            for kind in (words.nicknames, words.organisations)
            for names in kind.values()
            for name in names
            for full in unfold(name)
        ]
        rows = [row for family in words.acts for row in family.verbs]
        rows += [row for more in order.operators.values() for row in more]
        self._order = order
        self._verbs: Verbs = verb_dictionary((*rows, *order.verbs), words.infinitive)
        single = (words_of(form.text) for form in actors.forms() if form.kind is FormKind.NAME)
        self._words = Words(
            function=lexicon.function_words,
            prepositions=words.prepositions,
            months=tuple("".join(words_of(month)) for month in words.months),
            times=frozenset((*words.months, *words.weekdays, *words.units, *words.days)),
            states=frozenset(name[0] for name in single if len(name) == 1),
            names=frozenset(words_of(name) for name in names),
            partitive=words.partitive,
            possessive=words.possessive,
            infinitive=words.infinitive,
        )

    def arrange(self, text: str, tokens: list[Token]) -> list[Token]:
        clauses = Clauses(self._order, self._verbs, self._words, text)
        return clauses.arrange(rewrite(tokens, self._order, self._verbs, self._words))


def read_language(path: Path) -> Lexicon:
    """Read the lexicon at `path` and the names of its language. Raises ConfigError with every fault of both files."""
    faults: list[str] = []
    names = None
    try:
        names = load_names(names_path(path.parent.parent, path.stem))
    except ConfigError as error:
        faults += error.faults
    try:
        lexicon = load_lexicon(path, names)
    except ConfigError as error:
        raise ConfigError([*faults, *error.faults]) from error
    if faults:
        raise ConfigError(faults)
    return lexicon
