"""Read what a noun of exit is done to: "the withdrawal from", "Poland's exit papers on", "treaty exit"."""

from __future__ import annotations

from processors.detect.ellipsis import is_thing
from processors.detect.lists import ListReader
from processors.detect.objects import Object
from processors.detect.reading import Act, ActorMention, Link, TreatyMention
from treatywatch.actors import FormKind
from treatywatch.model import Reason

TO_FROM = 8  # words between an act and the preposition of its instrument: "withdraw … from"


class NounReader(ListReader):
    """Makes the links of nouns."""

    def noun(self, act: Act) -> list[Link] | Reason:
        """Give the links of a noun of exit, or why it has none."""
        rule = f"{act.family.id}.noun"
        whom = self._owner(act.start)
        bracketed = act.start > 1 and self.norms[act.start - 1] == "("  # "European Union (Withdrawal) Bill"
        before = self.at_token.get(act.start - (2 if bracketed else 1))
        direct = (
            self.object_at(act.end + 1)
            if self.next(act.end) in self.words.source_prepositions - {self.words.partitive}
            else None
        )
        touches = (
            act.family.compounds
            and before is not None
            and before.end in (act.start, act.start - 1 if bracketed else act.start)
            and (not self.words.capital_nouns or self.hangs_on(act.start))
        )
        if before is not None and touches and before.named and not before.article and not isinstance(direct, Object):
            owner = self._owner(before.start) or whom
            return [Link(act, before, act.family.action, act.end, f"{rule}.compound", owner, bool(owner))]
        position, action = act.end, act.family.action
        limit = min(act.end + TO_FROM, len(self.norms))
        while position < limit:
            norm = self.norms[position]
            if (
                norm in (self.words.partitive, self.lexicon.noun_takes(act.family))
                or (position > act.end and norm in self.words.tail_prepositions)  # "exit papers on the mine ban"
                or norm in self.words.source_prepositions
            ):
                actor = self.actor_at.get(self.skip_articles(position + 1))
                got = self.object_at(position + 1)
                if self.next(position + 1) in self.words.object_pronouns and self.clause_ends(position + 2):
                    it = TreatyMention(position + 1, position + 2, None, None, False, named=False, pronoun=True)
                    return [Link(act, it, action, position + 2, rule, whom, bool(whom))]
                if not isinstance(got, Reason) and self._noun_fits(act, got, norm):
                    return self.all_links(act, got, action, rule, whom)
                if actor is not None and not whom and actor.end < limit + 4:
                    whom, position = self._all_of(actor)
                    limit = min(position + 5, len(self.norms))
                    while self.next(position) in self.words.officials:
                        position += 1  # "of the Argentine Republic"
                    continue
                listed = self.included(act, position + 1)
                if isinstance(got, Reason) and listed is not None:
                    return self.all_links(act, listed, action, rule, whom or self._part_of(position + 1))
                return got if isinstance(got, Reason) else Reason.NO_TREATY
            if norm in self.words.agents:
                actor = self.actor_at.get(self.skip_articles(position + 1))
                if actor is None:
                    return Reason.NO_TREATY
                whom, position = (actor,), actor.end
                continue
            closing = self._insertion(position)
            if closing:
                position, limit = closing, limit + closing - position  # "the end, with immediate effect, of"
                continue
            if not (norm in self.words.adverbs or norm in self.words.act_tails or self.is_time(position)):
                return self._handed(act, rule, whom)
            position += 1
        return self._handed(act, rule, whom)

    def _insertion(self, position: int) -> int:
        """Give the place behind an insertion that opens here, where the noun's preposition follows it; else 0."""
        if self.norms[position] != ",":
            return 0
        closing = next((i for i in range(position + 2, position + 9) if self.next(i) == ","), 0)
        follows = closing and self.next(closing + 1) in self.words.source_prepositions
        return closing + 1 if follows else 0

    def _all_of(self, actor: ActorMention) -> tuple[tuple[ActorMention, ...], int]:
        """Give the whole list in "the exit of Mali, Niger and Burkina Faso from …", and where it ends."""
        listed, position = [actor], actor.end
        while position < len(self.norms) and self.norms[position] in self.words.conjunctions:
            following = position + 1
            while self.next(following) in self.words.conjunctions | self.words.articles:
                following += 1
            if following not in self.actor_at:
                break
            listed.append(self.actor_at[following])
            position = listed[-1].end
        return tuple(listed), position

    def _handed(self, act: Act, rule: str, whom: tuple[ActorMention, ...]) -> list[Link] | Reason:
        """Read "hands the council its withdrawal letter": whom one notifies of an exit is what one leaves.

        Where a depositary is told ("Estonia, which joined the convention in 2004, notifies the UN of its withdrawal"),
        it is the one instrument named before, in this sentence or an earlier one.
        """
        told = [o for o in self.s.operators if o.kind == "notify" and 0 < act.start - o.end <= 10]
        owned = self.norms[act.start - 1] == self.words.possessive and not whom  # "of its envoy's withdrawal"
        if not told or owned:
            return Reason.NO_TREATY
        for treaty in reversed(self.s.treaties):
            named = treaty.named and treaty.end <= act.start and told[-1].end <= treaty.start
            if named and treaty.treaty not in self.words.depositary_rows:
                return [Link(act, treaty, act.family.action, act.end, f"{rule}.handed", whom, bool(whom))]
        if act.family.takes != "from" or not self._alone(act.end):
            return Reason.NO_TREATY
        before = [t for t in self.s.treaties if t.named and t.end <= told[-1].start]
        if len({(t.treaty, t.slug) for t in before}) == 1 and is_thing(self.s, before[-1], self.lexicon):
            return [Link(act, before[-1], act.family.action, act.end, f"{rule}.told", whom, bool(whom))]
        if before or self.s.field == "title":
            return Reason.NO_TREATY
        it = TreatyMention(act.start, act.end, None, None, False, named=False, pronoun=True)
        return [Link(act, it, act.family.action, act.end, f"{rule}.told", whom, bool(whom))]

    def _alone(self, position: int) -> bool:
        """Tell whether a noun of exit has no object: its clause ends, or only whom one tells follows."""
        return self.clause_ends(position) or self.norms[position] in self.words.toward

    def _noun_fits(self, act: Act, got: Object, preposition: str) -> bool:
        if got.treaty.article or act.family.takes == "article":
            return got.treaty.article and act.family.takes == "article"
        if act.family.takes in ("instrument", "carrier"):
            return preposition == self.lexicon.noun_takes(act.family) and (
                not got.treaty.organisation or got.carrier is not None
            )
        return (
            preposition != self.words.partitive or got.carrier in ("unsign", "deratify") or not got.treaty.organisation
        )

    def _part_of(self, position: int) -> tuple[ActorMention, ...]:
        """Give the state of "an end to American participation in …"."""
        actor = self.actor_at.get(self.skip_articles(position))
        return (actor,) if actor is not None and self.next(actor.end) in self.words.own_carriers else ()

    def _owner(self, start: int) -> tuple[ActorMention, ...]:
        """Give the actor in "Poland's withdrawal", "Polish withdrawal", "Poland's planned withdrawal"."""
        for position in range(start - 1, max(start - 5, -1), -1):
            actor = self.actor_at.get(position)
            if actor is not None:
                owned = self.norms[actor.end] in self.words.owners if actor.end < start else False
                return (actor,) if owned or actor.end == start or actor.form.kind is FormKind.DEMONYM else ()
            if position in self.operator_at or self.norms[position] in self.words.officials:
                return ()
            if self.norms[position] in self.words.prepositions | self.words.complementizers or not (
                self.norms[position].isalnum() or self.norms[position] in self.words.owners
            ):
                return ()
        return ()
