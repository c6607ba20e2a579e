"""Join acts with the instruments they are done to: verb and object, noun and complement, passive, set phrase.

After all mentions are known and before their meaning is weighed: an act without an instrument as its object is no act
of exit, whatever stands around it. This is where troops, bills and conventions of comic readers fall out.
"""

from __future__ import annotations

from processors.detect.ellipsis import bare_object
from processors.detect.frame_links import FrameReader
from processors.detect.lexicon import Lexicon
from processors.detect.noun_links import TO_FROM
from processors.detect.objects import REACH, LinkWords
from processors.detect.reading import Act, ActorMention, Link, Refused, Sentence, TreatyMention, WordForm
from treatywatch.model import Action, Reason

_TAIL = 6  # words of a tail between an instrument and its passive verb: "on double taxation"


def find_links(sentence: Sentence, lexicon: Lexicon, dictionaries: LinkWords) -> tuple[list[Link], list[Refused]]:
    """Give the links of the sentence, and the acts without one, each with the reason."""
    links: list[Link] = []
    refused: list[Refused] = []
    reader = _Reader(sentence, lexicon, dictionaries)
    for act in sentence.acts:
        found = reader.noun(act) if act.form is WordForm.NOUN else reader.verb(act)
        if isinstance(found, Reason):
            refused.append(Refused(sentence, act, found))
        else:
            links += found
    links += [*reader.readmissions(), *reader.frames()]
    return _distinct(links), refused


def _distinct(links: list[Link]) -> list[Link]:
    """Keep one link for each act word and instrument, the first (families stand in the order of the lexicon)."""
    seen: set[tuple[int, int]] = set()
    kept = []
    for link in links:
        key = (link.act.start, link.treaty.start)
        if key not in seen:
            seen.add(key)
            kept.append(link)
    return kept


def _own_action(carrier: str) -> Action | None:
    """Give the action that a carrier makes of a withdrawal: its signature, its ratification, or just its own."""
    return Action(carrier) if carrier in ("deratify", "unsign") else None


class _Reader(FrameReader):
    def verb(self, act: Act) -> list[Link] | Reason:
        family, start = act.family, act.end
        whom: tuple[ActorMention, ...] = ()
        action, rule = family.action, f"{family.id}.{family.takes}"
        passive = self._passive(act) or self._ends(act)
        if passive is not None:
            return passive
        if family.takes == "from":
            gap = self._to_from(act)
            if gap is None or isinstance(gap, Reason):
                left_out = bare_object(self.s, act, self.lexicon) if gap is None else None
                declared = self._declaration(act)
                if declared is not None:
                    return [Link(act, declared, action, declared.end, f"{family.id}.declaration")]
                if left_out is not None:
                    return [Link(act, left_out, action, act.end, f"{family.id}.bare")]
                return gap or Reason.NO_TREATY
            start, whom, own = gap
            action = own or action
            if family.needs_whom and not whom and not set(self.norms[act.start : start]) & self.words.selves:
                return Reason.OTHER_OBJECT
        elif family.takes in ("to", "in"):
            start = self._way(self._skip_adverbs(start), family.takes)
            object_at = self.skip_articles(act.end)
            if act.own:
                whom = tuple(actor for actor in self.s.actors if act.own[0] <= actor.start < act.own[1])
            if family.takes == "to" and start < 0 and object_at in self.actor_at:
                whom = (self.actor_at[object_at],)  # "returns the United States to the accord"
                start = self._way(whom[0].end, "to")
            if start < 0:
                return Reason.NO_TREATY
        start = self._skip_adverbs(self._past_insertion(start))
        if self.next(start) in self.words.object_pronouns and family.takes in ("from", "direct", "instrument"):
            ends = self.clause_ends(start + 1)
            it = TreatyMention(start, start + 1, None, None, False, named=False, pronoun=True)
            return [Link(act, it, action, start + 1, rule, whom, bool(whom))] if ends else Reason.NO_TREATY
        got = self.object_at(start)
        if isinstance(got, Reason):
            listed = self.included(act, start)
            if listed is None:
                return self._told_bare(act, start, rule, whom) or got
            got = listed
        if not self.fits(act, got):
            return Reason.ORGANISATION_ACTS if got.treaty.organisation else Reason.OTHER_OBJECT
        return self.all_links(act, got, action, rule, whom)

    def _declaration(self, act: Act) -> TreatyMention | None:
        """Read "withdraws the declaration that lets citizens sue it at the African Court"."""
        if not set(self.norms[act.end : act.end + 4]) & self.words.declarations:
            return None
        rows = [t for t in self.s.treaties if t.named and t.treaty in self.words.declaration_rows]
        return next((t for t in rows if act.end < t.start < act.end + REACH), None)

    def _past_insertion(self, position: int) -> int:
        """Give the place behind ", with immediate effect," where that stands between the verb and its object."""
        if self.next(position) != ",":
            return position
        closing = next((i for i in range(position + 2, min(position + 7, len(self.norms))) if self.next(i) == ","), 0)
        inside = self.norms[position + 1 : closing]
        plain = closing and not any(norm in self.lexicon.act_forms for norm in inside)
        return closing + 1 if plain and not self.treaties_within(position, closing) else position

    def treaties_within(self, start: int, end: int) -> bool:
        """Tell whether an instrument stands in norms[start:end]."""
        return any(start <= treaty.start < end for treaty in self.s.treaties)

    def _told_bare(self, act: Act, start: int, rule: str, whom: tuple[ActorMention, ...]) -> list[Link] | None:
        """Read "has sent notice that it is leaving": what is left was named before."""
        kinds = {operator.kind for operator in self.s.operators if operator.end <= act.start}
        if act.family.takes != "direct" or not kinds & {"notify", "plan", "declare"}:
            return None
        if self._skip_adverbs(act.end) != start or not self.clause_ends(start):
            return None
        left_out = bare_object(self.s, act, self.lexicon)
        if left_out is not None:
            return [Link(act, left_out, act.family.action, act.end, f"{rule}.bare", whom, bool(whom))]
        if self.s.field == "title":
            return None
        it = TreatyMention(act.start, act.end, None, None, False, named=False, pronoun=True)
        return [Link(act, it, act.family.action, act.end, f"{rule}.bare", whom, bool(whom))]

    def _way(self, position: int, takes: str) -> int:
        """Give the place after "to", "in" or "a party to"; -1 where no such word stands there."""
        if takes == "to":
            return position + 1 if self.next(position) in self.words.toward else -1
        position = self.skip_articles(position)
        if self.next(position) in self.words.memberships and self.next(position + 1) in self.words.carrier_prepositions:
            return position + 2
        return position + 1 if self.next(position) in self.words.inside else -1

    def _to_from(self, act: Act) -> tuple[int, tuple[ActorMention, ...], Action | None] | Reason | None:
        sources = self.words.source_prepositions - (set() if act.family.particle else {self.words.partitive})
        whom: list[ActorMention] = []
        if act.own and not act.family.follows:
            whom = [actor for actor in self.s.actors if act.own[0] <= actor.start < act.own[1]]
        own: Action | None = None
        position = act.end
        while position < min(act.end + TO_FROM, len(self.norms)):
            norm = self.norms[position]
            carrier = next(self.d.carriers.at(self.norms, position), None)
            if norm in sources and norm in self.words.source_prepositions:
                return position + 1, tuple(whom), own
            if position in self.actor_at and act.family.carries:
                whom.append(self.actor_at[position])
                position = self.actor_at[position].end
            elif carrier is not None and (carrier.payload != "plain" or norm in self.words.own_carriers):
                if carrier.end < len(self.norms) and self.norms[carrier.end] in self.words.carrier_prepositions:
                    return carrier.end + 1, tuple(whom), _own_action(carrier.payload) or own
                own = _own_action(carrier.payload) or own
                position = carrier.end
            elif (
                norm in self.words.articles
                or norm in self.words.adverbs
                or norm in self.words.selves
                or self.is_time(position)
            ):
                position += 1
            elif norm in self.lexicon.function_words or not norm[0].isalpha():
                return None
            else:
                return Reason.OTHER_OBJECT  # something is withdrawn, and it is not the state itself
        return None

    def _skip_adverbs(self, position: int) -> int:
        while position < len(self.norms):
            manner = self.lexicon.small_at(self.norms, position, "manner")
            timed = self.norms[position] in self.words.spans and self.next(position + 2) in self.words.units
            if self.norms[position] in self.words.adverbs:
                position += 1
            elif manner or timed:
                position = manner or position + 3
            else:
                break
        return position

    def _passive(self, act: Act) -> list[Link] | None:
        """Read "the treaty was denounced by Warsaw": the instrument stands before a participle."""
        if (
            act.form not in (WordForm.PARTICIPLE, WordForm.PAST)
            or act.family.takes not in ("instrument", "direct", "carrier")
            or act.family.returns
        ):
            return None
        position, helped = act.start - 1, False
        while position >= 0 and (
            self.norms[position] in self.words.be
            or self.norms[position] in self.words.adverbs
            or self.norms[position] in self.words.perfect
            or self.norms[position] in self.words.future
        ):
            helped = helped or self.norms[position] in self.words.be
            position -= 1
        partner = self.actor_at.get(position)
        if partner is not None and self.norms[partner.start - 1] in self.words.partners:
            position = partner.start - 2  # "the treaty with France has been suspended"
        treaty = self.at_token.get(position)
        if treaty is None:
            treaty, position = self._with_tail(position)
        by = act.end < len(self.norms) and self.norms[act.end] in self.words.agents
        if (
            treaty is None
            or treaty.end != position + 1
            or not (helped or by)
            or treaty.organisation
            or self._of_noun_act(treaty)
            or self._of_noun_act(treaty)
        ):
            return None
        whom = tuple(actor for actor in self.s.actors if by and act.end < actor.start <= act.end + 4)
        if not whom:  # "Cameroon's treaty with France was suspended"
            before = [a for a in self.s.actors if a.end < treaty.end and treaty.end - a.end <= 6]
            whom = tuple(a for a in before if self.norms[a.end] == self.words.possessive)[-1:]
        return [
            Link(
                act, treaty, act.family.action, act.end, f"{act.family.id}.passive", whom[:1], bool(whom), passive=True
            )
        ]

    def _with_tail(self, position: int) -> tuple[TreatyMention | None, int]:
        """Give the instrument that a short tail describes: "the 1979 convention on double taxation (is ended)"."""
        for treaty in reversed(self.s.treaties):
            tail = self.norms[treaty.end : position + 1]
            if treaty.end > position or treaty.organisation:
                continue
            short = 1 < len(tail) <= _TAIL and tail[0] in self.words.prepositions
            over = self.words.boundaries | self.words.be | self.words.relatives | {self.words.infinitive}
            plain = short and all(n.isalpha() and n not in over for n in tail)
            return (treaty, treaty.end - 1) if plain else (None, position)
        return None, position

    def _of_noun_act(self, treaty: TreatyMention) -> bool:
        """Tell "the ending of the agreement (was suspended)": what is suspended is the ending."""
        start = treaty.start
        while start > 0 and self.norms[start - 1] in self.words.articles:
            start -= 1
        return start > 1 and self.norms[start - 1] == self.words.partitive and start - 2 in self.noun_acts

    def _ends(self, act: Act) -> list[Link] | None:
        """Read "Angola's membership in the cartel ends": the subject is a carrier of the instrument."""
        treaty = self.at_token.get(act.start - 1)
        owned = self.at_token.get(act.start - 2) if self.norms[act.start - 1] in self.words.own_carriers else None
        if owned is not None and owned.named and act.form in (WordForm.PRESENT, WordForm.PAST):
            whom = self._owner(owned.start)  # "Angola's OPEC membership ends"
            over = act.end >= len(self.norms) or not self._goes_on(act.end)
            ends = act.family.takes == "instrument" and over and whom
            link = Link(act, owned, Action.WITHDRAW, act.end, f"{act.family.id}.ends", whom, True, passive=True)
            return [link] if ends else None
        if act.family.takes != "instrument" or act.form not in (WordForm.PRESENT, WordForm.PAST) or treaty is None:
            return None
        over = act.end >= len(self.norms) or not self._goes_on(act.end)
        start = treaty.start - 1
        while start > 0 and (self.norms[start] in self.words.articles or self.norms[start] in self.words.of_what):
            start -= 1
        if not over or not treaty.named or self.norms[start] not in self.words.own_carriers:
            return None
        whom = self._owner(start)
        link = Link(act, treaty, Action.WITHDRAW, act.end, f"{act.family.id}.ends", whom, bool(whom), passive=True)
        return [link] if whom else None
