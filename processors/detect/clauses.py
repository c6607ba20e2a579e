"""Bring the clauses of a language whose finite verb stands second into the one order that the steps read.

What a bracket holds apart is put together behind the subject, the finite verb first: "Polen will aus dem Abkommen
austreten" is read as "Polen will austreten aus dem Abkommen", "dass Polen den Pakt verlassen hat" as "dass Polen hat
verlassen den Pakt". Words are moved, never lost, but for a separated prefix and for a comma that parts nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import takewhile

from processors.detect.order import Order
from processors.detect.rewrite import Words, mark
from processors.detect.tokens import Token
from processors.detect.verbs import Verbs

_QUOTE = '"'
_NAME = 4  # words that a name in quotation marks has at most
_ENDS = frozenset(',;:.!?–—|()"')


class Clauses:
    """Arranges the tokens of the sentences of one text."""

    def __init__(self, order: Order, verbs: Verbs, words: Words, text: str):
        self.order, self.verbs, self.words, self.text = order, verbs, words, text
        self.small, self.prepositions = words.function, words.prepositions

    def arrange(self, tokens: Sequence[Token]) -> list[Token]:
        """Give the tokens in the order in which they are read."""
        made: list[Token] = []
        for clause in self._parts(tokens):
            arranged = self._clause(clause, made)
            if made and made[-1].norm == "," and arranged and self._parts_nothing(clause, arranged):
                made.pop()
            made += arranged
        return self._objects_marked(made)

    def _objects_marked(self, tokens: Sequence[Token]) -> list[Token]:
        """Put a mark before a state whose article says that it is no subject: "folgt den USA"."""
        made: list[Token] = []
        for position, token in enumerate(tokens):
            state = tokens[position + 1].norm in self.words.states if position + 1 < len(tokens) else False
            alone = position + 2 >= len(tokens) or not self._hangs(tokens[position + 2])
            led = bool(made) and made[-1].norm in self.prepositions
            if token.norm in self.order.objects and state and alone and not led and self.order.object_mark:
                made.append(mark(self.order.object_mark, token.start))
            made.append(token)
        return made

    def _hangs(self, token: Token) -> bool:
        """Tell whether a word hangs on the one before, by a hyphen or inside a compound."""
        before = self.text[token.start - 1 : token.start] if token.text else ""
        return before.isalnum() or before in ("-", "‐", "‑")

    # ---- cutting

    def _parts(self, tokens: Sequence[Token]) -> Iterable[list[Token]]:
        """Cut at marks, and at a conjunction before a finite verb; the mark stays at the end of its clause."""
        part: list[Token] = []
        for position, token in enumerate(tokens):
            if token.norm in _ENDS and not self._quotes_a_name(tokens, position):
                yield part
                yield [token]
                part = []
                continue
            following = tokens[position + 1] if position + 1 < len(tokens) else None
            if part and token.norm in self.order.parting and following is not None and self._finite(following, False):
                yield part
                yield [token]
                part = []
                continue
            part.append(token)
        yield part

    def _quotes_a_name(self, tokens: Sequence[Token], position: int) -> bool:
        """Tell the marks around a name, which part nothing: 'setzt „New Start“ aus'."""
        if tokens[position].norm != _QUOTE:
            return False
        opens = sum(token.norm == _QUOTE for token in tokens[:position]) % 2 == 0
        span = tokens[position + 1 :] if opens else tokens[:position][::-1]
        inside = list(takewhile(lambda token: token.norm != _QUOTE, span[: _NAME + 1]))
        return len(inside) <= _NAME and len(inside) < len(span) and not any(map(self._verbal, inside))

    def _parts_nothing(self, clause: Sequence[Token], arranged: Sequence[Token]) -> bool:
        """Tell a comma before "dass" or before an infinitive clause, which only the rules of writing ask for."""
        first = clause[0].norm
        return first in self.order.joined or arranged[0].norm == self.words.infinitive

    # ---- one clause

    def _clause(self, clause: list[Token], before: Sequence[Token]) -> list[Token]:
        if len(clause) < 2:
            return clause
        comma = bool(before) and before[-1].norm == ","
        lead = self._relative(clause) if comma else 0
        if lead:
            relative = clause[lead - 1]._replace(norm=self.order.relative)
            return self._verb_last([*clause[: lead - 1], relative, *clause[lead:]], lead)
        if self._is_subordinate(clause):
            return self._verb_last(clause, 1)
        second = self._second(clause)
        if second is not None:
            return self._verb_second(clause, second)
        return self._infinitive_clause(clause)

    def _relative(self, clause: Sequence[Token]) -> int:
        """Give the place behind a relative pronoun that opens the clause; 0 where none does."""
        lead = 1 if clause[0].norm in self.prepositions else 0
        opens = lead < len(clause) and clause[lead].norm in self.order.relatives
        last = clause[-1]
        verb = last.text[:1].islower() and last.norm not in self.small and last.norm not in self.prepositions
        second = self._finite(clause[lead + 1], False) if lead + 1 < len(clause) - 1 else False
        if len(clause) > 1 and clause[-2].norm == self.words.infinitive:
            return 0  # ", das Statut zu kündigen"
        return lead + 1 if opens and verb and len(clause) > lead + 2 and not second else 0

    def _is_subordinate(self, clause: Sequence[Token]) -> bool:
        """Tell "seit Polen den Pakt verlassen hat" from "seit Montag", where the verb stands second."""
        first = clause[0].norm
        return first in self.order.subordinators and (
            first not in self.order.adjuncts or self._verbal(clause[-1]) or self._second(clause) is None
        )

    def _finite(self, token: Token, first: bool) -> bool:
        written = first or not token.text[:1].isupper()
        norm = token.norm
        known = norm in self.order.auxiliaries or norm in self.verbs.finite or norm in self.verbs.apart
        return written and known

    def _second(self, clause: Sequence[Token]) -> int | None:
        """Give the place of the finite verb of a main clause: the first that is no adjective and no infinitive."""
        for position, token in enumerate(clause):
            if not self._finite(token, position == 0):
                continue
            before = clause[position - 1].norm if position else ""
            noun = position + 1 < len(clause) and clause[position + 1].text[:1].isupper()
            described = before in self.small and noun and before not in self.order.pronouns
            if before == self.words.infinitive or (described and before in self.order.objects | self.order.genitives):
                continue
            if token.norm not in self.order.auxiliaries and not self._stands(clause, position):
                continue
            return position
        return None

    def _stands(self, clause: Sequence[Token], position: int) -> bool:
        """Tell whether a form can be the finite verb here: one that lacks its prefix needs it later in the clause."""
        norm = clause[position].norm
        if norm in self.verbs.apart:
            prefixes = self.verbs.apart[norm]
            return "" in prefixes or any(self._prefix(clause, position, prefix) for prefix in prefixes)
        return norm in self.verbs.finite and norm not in self.verbs.participle and norm not in self.verbs.infinitive

    def _prefix(self, clause: Sequence[Token], verb: int, prefix: str) -> int:
        """Give the place of a separated prefix; 0 where the word is missing or is a preposition."""
        for position in range(verb + 1, len(clause)):
            if clause[position].norm != prefix or clause[position].text[:1].isupper():
                continue
            following = clause[position + 1] if position + 1 < len(clause) else None
            if prefix in self.order.anywhere or following is None:
                return position
            if following.norm in self.order.parting or following.norm in self.prepositions:
                return position
        return 0

    # ---- the verb stands second

    def _verb_second(self, clause: list[Token], second: int) -> list[Token]:
        rest = clause[second + 1 :]
        verb, used = self._joined(clause, second)
        rest = [token for position, token in enumerate(rest, second + 1) if position not in used]
        cluster: list[Token] = []
        if verb.norm in self.order.auxiliaries and not used:
            verb, cluster, rest = self._bracket(verb, rest)
        negations, rest = self._negations(rest)
        helping = cluster or verb.norm in self.order.auxiliaries
        group = [verb, *negations, *cluster] if helping else [*negations, verb]
        front = clause[:second]
        if second and self._inverted(front, rest):
            size = self._phrase(rest, 0)
            opened = self._adjunct(front) == len(front)
            first, last = ([], front) if opened else (front, [])
            return [*first, *rest[:size], *group, *self._adjuncts_last(rest[size:]), *last]
        return [*front, *group, *self._adjuncts_last(rest)]

    def _joined(self, clause: Sequence[Token], position: int) -> tuple[Token, set[int]]:
        """Join a finite verb with its prefixes, which may be two: "tritt … wieder bei"."""
        token, used = clause[position], set[int]()
        norm = token.norm
        prefixes = self.verbs.apart.get(norm, {})
        for prefix, read in prefixes.items():
            place = self._prefix(clause, position, prefix) if prefix else 0
            if place:
                norm, used = read, {place}
                break
        else:
            if "" in prefixes:
                norm = prefixes[""]
        for prefix, read in self.verbs.apart.get(norm, {}).items():
            place = self._prefix(clause, position, prefix) if prefix in self.order.anywhere else 0
            if place:
                norm, used = read, used | {place}
        return token._replace(norm=norm), used

    def _bracket(self, verb: Token, rest: list[Token]) -> tuple[Token, list[Token], list[Token]]:
        """Take the unfinite verbs out of the rest, the innermost last."""
        last = next((i for i in range(len(rest) - 1, -1, -1) if self._unfinite(rest[i])), None)
        if last is None:
            return verb, [], rest
        first = last
        while first > 0 and (self._unfinite(rest[first - 1]) or rest[first - 1].norm == self.words.infinitive):
            first -= 1
        verb, cluster = self._read_cluster(verb, rest[first : last + 1])
        return verb, cluster, [*rest[:first], *rest[last + 1 :]]

    def _unfinite(self, token: Token) -> bool:
        if token.text[:1].isupper():
            return False
        norm = token.norm
        return norm in self.verbs.infinitive or norm in self.verbs.participle or norm in self.order.helpers

    def _read_cluster(self, verb: Token, cluster: Sequence[Token]) -> tuple[Token, list[Token]]:
        """Give the auxiliary and the cluster in the order of dependence, each as the form that it is."""
        passive = any(token.norm in self.order.passive for token in (verb, *cluster))
        done = verb.norm in self.order.perfect or (passive and not self._only_infinitives(cluster))
        units: list[list[Token]] = []
        for token in cluster:
            if units and units[-1][-1].norm == self.words.infinitive:
                units[-1].append(self._read(token, done=False))
            else:
                units.append([self._read(token, done=done and token is _first_verb(cluster))])
        participle = any(token.norm in self.verbs.participle for token in cluster)
        if participle and verb.norm in self.order.passive and not self._only_infinitives(cluster):
            verb = verb._replace(norm=self.order.passive[verb.norm])
        return verb, [token for unit in reversed(units) for token in unit]

    def _only_infinitives(self, cluster: Sequence[Token]) -> bool:
        """Tell "wird verlassen" (will leave) from "wird gekündigt": what may be both is active."""
        return all(token.norm in self.verbs.infinitive or token.norm in self.order.helpers for token in cluster)

    def _read(self, token: Token, done: bool) -> Token:
        norm = token.norm
        read = self.verbs.participle.get(norm) if done or norm not in self.verbs.infinitive else None
        return token._replace(norm=read or self.verbs.infinitive.get(norm) or self.order.passive.get(norm, norm))

    def _negations(self, rest: Sequence[Token]) -> tuple[list[Token], list[Token]]:
        """Take a negation of the clause out, with the word that belongs to it ("nicht mehr")."""
        for position, token in enumerate(rest):
            if token.norm not in self.order.negations:
                continue
            following = rest[position + 1].norm if position + 1 < len(rest) else ""
            if following in self.order.scoped:
                continue
            end = position + 2 if following in self.order.anywhere else position + 1
            return list(rest[position:end]), [*rest[:position], *rest[end:]]
        return [], list(rest)

    def _inverted(self, front: Sequence[Token], rest: Sequence[Token]) -> bool:
        """Tell whether the subject stands behind the verb: another part of the clause stands before it."""
        if not rest or self._phrase(rest, 0) == 0 or rest[0].norm in self.order.objects:
            return False
        return front[0].norm in self.prepositions or self._is_small(front[0])

    def _is_small(self, token: Token) -> bool:
        return token.norm in self.small and token.norm not in self.order.pronouns and token.norm not in self._articles

    @property
    def _articles(self) -> frozenset[str]:
        return self.order.relatives | self.order.genitives

    # ---- the verb stands last

    def _verb_last(self, clause: list[Token], lead: int) -> list[Token]:
        """Bring the verbs at the end of a clause behind its subject."""
        end = len(clause)
        first = end
        while first > lead and self._verbal(clause[first - 1]):
            first -= 1
        if first == end:
            return clause
        cluster = clause[first:end]
        finite = cluster[-1]
        rest = clause[lead:first]
        if finite.norm in self.order.auxiliaries and len(cluster) > 1:
            verb, unfinite = self._read_cluster(finite, cluster[:-1])
            group = [verb, *unfinite]
        else:
            group = [self._read(t, done=False) for t in cluster[:-1]]
            group = [finite._replace(norm=self.verbs.finite.get(finite.norm, finite.norm)), *group]
        negations, rest = self._negations(rest)
        size = 0 if rest and rest[0].norm in self.order.objects else self._phrase(rest, 0)
        if clause[lead - 1].norm == self.order.relative and rest and not self._is_subject(rest):
            size = 0
        return [*clause[:lead], *rest[:size], *negations, *group, *self._adjuncts_last(rest[size:])]

    def _verbal(self, token: Token) -> bool:
        return self._finite(token, False) or self._unfinite(token) or token.norm == self.words.infinitive

    def _adjuncts_last(self, rest: list[Token]) -> list[Token]:
        """Bring what tells time and cause behind the object: "kündigt nach 30 Jahren den Vertrag"."""
        moved: list[Token] = []
        while size := self._adjunct(rest):
            moved += rest[:size]
            rest = rest[size:]
        return [*rest, *moved] if rest else moved

    def _adjunct(self, rest: Sequence[Token]) -> int:
        """Give where the adjunct that opens the rest ends; 0 where none does."""
        if not rest:
            return 0
        dated = any(token.norm in self.words.times for token in rest[1:4])
        if rest[0].norm not in self.order.adjuncts and not (rest[0].norm in self.prepositions and dated):
            return 0
        position = 1
        while position < len(rest) and not (
            self.words.is_noun(rest[position]) or rest[position].norm in self.words.times
        ):
            if rest[position].norm in self.prepositions or not rest[position].norm.isalnum():
                return 0
            position += 1
        if position >= len(rest):
            return 0
        position += 1
        while position < len(rest) and (
            rest[position].norm.isdigit() or self._hangs(rest[position]) or self._owner(rest, position)
        ):
            position += 1
        return position

    def _owner(self, rest: Sequence[Token], position: int) -> bool:
        """Tell what goes on an adjunct: "nach Ablauf der Frist"."""
        before = rest[position - 1].norm
        if rest[position].norm == self.words.partitive:
            return True
        if before in self._articles and self.words.is_noun(rest[position]):
            return True
        return before == self.words.partitive

    def _is_subject(self, rest: Sequence[Token]) -> bool:
        """Tell whether a subject follows a relative pronoun: a name or a pronoun; else the pronoun is the subject."""
        return rest[0].norm in self.words.states or rest[0].norm in self.order.pronouns

    def _infinitive_clause(self, clause: list[Token]) -> list[Token]:
        """Bring "zu kündigen" to the front of a clause without a finite verb."""
        for position in range(len(clause) - 1, 0, -1):
            if clause[position - 1].norm == self.words.infinitive and self._unfinite(clause[position]):
                break
        else:
            return clause
        verb = clause[position]._replace(norm=self.verbs.infinitive.get(clause[position].norm, clause[position].norm))
        lead = 1 if clause[0].norm in self.order.openers else 0
        if position - 1 <= lead:
            return [*clause[:position], verb, *clause[position + 1 :]]
        negations, rest = self._negations(clause[lead : position - 1])
        moved = [*negations, clause[position - 1], verb]
        if lead or not clause[0].text[:1].isupper():
            return [*clause[:lead], *moved, *self._adjuncts_last(rest), *clause[position + 1 :]]
        size = self._phrase(rest, 0)
        return [*rest[:size], *moved, *rest[size:], *clause[position + 1 :]]

    # ---- noun phrases

    def _phrase(self, tokens: Sequence[Token], start: int) -> int:
        """Give where the noun phrase at `start` ends, with its genitives, its places and its list; 0 for none."""
        position = start
        if tokens and tokens[position].norm in self.order.pronouns:
            return position + 1
        while position < len(tokens) and not self.words.is_noun(tokens[position]):
            token = tokens[position]
            if token.norm in self.prepositions or token.norm in self.order.negations or not token.norm.isalpha():
                return 0
            position += 1
        if position >= len(tokens):
            return 0
        while position < len(tokens) and (self.words.is_noun(tokens[position]) or self._attached(tokens, position)):
            position += 1
        return position

    def _attached(self, tokens: Sequence[Token], position: int) -> bool:
        """Tell what goes on a noun phrase: an owner's mark, a preposition of whose it is, its article, "und"."""
        norm = tokens[position].norm
        following = tokens[position + 1] if position + 1 < len(tokens) else None
        if norm == self.words.possessive:
            return True
        named = following is not None and self.words.is_noun(following)
        article = following is not None and following.norm in self._articles
        if norm == self.words.partitive or norm in self.order.parting:
            return named or article
        before = tokens[position - 1].norm if position else ""
        owned = before in (self.words.partitive, self.words.possessive) or before in self.order.parting
        return owned and (norm in self._articles or (norm.isalpha() and named and norm not in self.prepositions))


def _first_verb(cluster: Sequence[Token]) -> Token:
    return cluster[0]
