"""Read the noun phrase behind an act: its head must be an instrument or organisation, or a carrier of one.

"Its participation in the treaty" is one, "the treaty talks" and "treaty critics" are none.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from processors.detect.lexicon import Lexicon, unfold
from processors.detect.names import TreatyWords
from processors.detect.phrases import Phrases
from processors.detect.reading import Sentence, TreatyMention, WordForm
from treatywatch.model import Reason

REACH = 14  # words between an act and its instrument


@dataclass(frozen=True)
class LinkWords:
    """Dictionaries that linking needs beside the lexicon, made once."""

    carriers: Phrases[str]
    frames_before: Phrases[tuple[int, bool]]
    frames_after: Phrases[int]
    finder: TreatyWords


@dataclass(frozen=True, slots=True)
class Object:
    """The instrument that an act is done to, the word that carries it, and where it ends (a token's place)."""

    treaty: TreatyMention
    carrier: str | None
    end: int


def link_words(lexicon: Lexicon, finder: TreatyWords) -> LinkWords:
    """Make the dictionaries of carriers and frames."""
    kinds = ("plain", "deratify", "unsign", "laws", "accession")
    carriers = [(p, kind) for kind in kinds for p in getattr(lexicon.words.carriers, kind)]
    before = [
        (full, (i, bool(frame.after)))
        for i, frame in enumerate(lexicon.words.frames)
        for p in frame.before
        for full in unfold(p)
    ]
    after = [(full, i) for i, frame in enumerate(lexicon.words.frames) for p in frame.after for full in unfold(p)]
    return LinkWords(Phrases(carriers), Phrases(before), Phrases(after), finder)


class ObjectReader:
    """Reads the objects of one sentence."""

    def __init__(self, sentence: Sentence, lexicon: Lexicon, dictionaries: LinkWords) -> None:
        self.s, self.lexicon, self.words, self.d = sentence, lexicon, lexicon.words, dictionaries
        self.norms = sentence.norms
        self.at_token: dict[int, TreatyMention] = {}
        for mention in sentence.treaties:
            for i in range(mention.start, mention.end):
                if i not in self.at_token or mention.named:
                    self.at_token[i] = mention
        self.actor_at = {i: actor for actor in sentence.actors for i in range(actor.start, actor.end)}
        self.operator_at = {i for operator in sentence.operators for i in range(operator.start, operator.end)}
        self.noun_acts = {act.start for act in sentence.acts if act.form is WordForm.NOUN}
        self.lapses = {act.start for act in sentence.acts if act.family.lapse}  # "lets the treaty lapse" is a verb

    def object_at(self, start: int, reach: int = REACH) -> Object | Reason:
        """Read the noun phrase at `start`; its head must be an instrument or organisation, or a carrier of one."""
        position, carrier, other = start, None, False
        norms, words = self.norms, self.words
        while position < min(start + reach, len(norms)):
            norm = norms[position]
            treaty = self.at_token.get(position)
            if treaty is not None and not (not treaty.named and self._carrier_inside(position, treaty)):
                return self._head(treaty, carrier)
            found = next(self.d.carriers.at(norms, position), None)
            if found is not None and found.payload == "laws":
                carrier, position = "laws", found.end
                continue
            if law := self._law_by_which(position):
                carrier, position = "laws", law
                continue
            if found is not None and (past := self._past_whom(found.end)) != found.end:
                carrier, position = found.payload, past + 1
                continue
            if found is not None and found.end < len(norms) and norms[found.end] in words.carrier_prepositions:
                carrier = carrier if carrier in ("unsign", "deratify") else found.payload
                position = found.end + 1
                continue
            if about := self.lexicon.small_at(norms, position, "approximately"):
                position = about  # "end more than forty years of membership"
                continue
            if norm in words.units and self.next(position + 1) == words.partitive and position > start:
                position += 2  # "43 years of membership"
                continue
            if norm in words.articles and self.next(position + 1) == words.partitive:
                position += 2  # "any of the limits"
                continue
            if position in self.noun_acts:
                return Reason.NO_TREATY  # "suspends the termination of ...": the noun is the act, this verb bends it
            other = other or norm in words.other_objects
            stop = norm in words.prepositions or norm in words.boundaries or norm in words.be or norm in words.future
            if (
                stop
                or norm in words.relatives
                or norm == words.infinitive
                or not (norm[0].isalnum() or norm in words.owners or norm == '"')
            ):
                break
            position += 1
        return Reason.OTHER_OBJECT if other else Reason.NO_TREATY

    def _past_whom(self, position: int) -> int:
        """Give the place behind "towards Russia", where the carrier's own preposition follows it."""
        actor = self.actor_at.get(self.skip_articles(position + 1))
        owed = self.next(position) in self.words.owed and actor is not None
        if owed and actor is not None and self.next(actor.end) in self.words.carrier_prepositions:
            return actor.end
        return position

    def _law_by_which(self, position: int) -> int:
        """Give the place behind "law by which the country approved": what is repealed is what it approved; else 0."""
        words = self.words
        law = self.norms[position] in words.law_nouns and self.next(position + 1) in words.law_links
        if not law or self.next(position + 2) not in words.relatives:
            return 0
        approved = (o.end for o in self.s.operators if o.kind == "approve" and 0 <= o.start - position - 2 <= 6)
        return next(approved, 0)

    def _carrier_inside(self, position: int, treaty: TreatyMention) -> bool:
        return any(
            True
            for p in range(position, treaty.end - 1)
            for f in self.d.carriers.at(self.norms, p)
            if f.end < treaty.end - 1 and self.norms[f.end] in self.words.carrier_prepositions
        )

    def _head(self, treaty: TreatyMention, carrier: str | None) -> Object | Reason:
        norms, words = self.norms, self.words
        position = treaty.end
        if position in self.noun_acts - self.lapses and not treaty.organisation:
            return Reason.NO_TREATY  # "freezes the treaty exit ...": the noun is the act
        look = position
        while look < min(position + 5, len(norms)):
            later = self.at_token.get(look)
            if later is not None and later is not treaty and later.end > position:
                owned = words.possessive in norms[position : look + 1]
                if not later.named and not treaty.organisation and treaty.named:
                    return self._head(replace(treaty, end=later.end), carrier)  # "New START arms reduction treaty"
                if look == position or owned or not later.named or treaty.organisation:
                    return self._head(later, carrier)
            if look not in self.at_token and not (
                norms[look] == words.possessive
                or (treaty.organisation and norms[look] in words.instruments.bodies)  # "the UN agency UNESCO"
                or norms[look] in self.lexicon.purpose_of
                or norms[look] in words.generic_adjectives
                or (norms[look].isdigit() and len(norms[look]) == 4)
            ):
                break
            look += 1
        joint = next((i for i in range(position, position + 4) if self.next(i) in words.wholes), None)
        if not treaty.named and joint is not None and (joint == position or self.next(position) in words.prepositions):
            whole = self.object_at(joint + 1, reach=6)  # "the optional protocol (on complaints) to the covenant"
            if isinstance(whole, Object) and whole.treaty.named:
                if not whole.treaty.organisation:
                    return Object(whole.treaty, carrier, whole.end)
                if norms[position - 1] in words.founding_texts and whole.treaty.treaty not in words.adjectival_rows:
                    return Object(replace(whole.treaty, organisation=False, start=treaty.start), carrier, whole.end)
        that = position + (self.next(position) in words.complementizers | words.relatives)
        if not treaty.named and self.next(that) in words.establishing:
            whole = self.object_at(that + 1, reach=6)
            if isinstance(whole, Object) and whole.treaty.named and whole.treaty.organisation:
                return Object(replace(whole.treaty, organisation=False, start=treaty.start), carrier, whole.end)
        found = next(self.d.carriers.at(norms, position), None) if position < len(norms) else None
        if found is not None and (found.end >= len(norms) or not self._goes_on(found.end)):
            return Object(treaty, carrier or found.payload, found.end)  # "suspends OPEC membership"
        if position < len(norms) and next(self.d.finder.stealers.at(norms, position), None) is not None:
            return Reason.OTHER_OBJECT
        if position < len(norms) and (
            norms[position] == words.possessive or (treaty.organisation and norms[position] in words.name_tails)
        ):
            return Reason.OTHER_OBJECT
        describes = not treaty.organisation and self.next(position).endswith(words.describing_endings or ("\0",))
        denied = self.lexicon.small_within(norms, position, position + 3, "denial")  # "… the EU baseless fake news"
        if (
            (treaty.organisation or not treaty.named)
            and position < len(norms)
            and self._goes_on(position)
            and not denied
            and not describes
        ):
            return Reason.OTHER_OBJECT
        return Object(treaty, carrier, position)

    def _goes_on(self, position: int) -> bool:
        """Tell whether the noun phrase goes on at `position`: the word there is no function word, verb or mark."""
        norm, words = self.norms[position], self.words
        if not norm[0].isalpha() or norm in words.numbers:
            return False
        if (
            norm in self.lexicon.function_words
            or position in self.operator_at
            or norm in self.lexicon.act_forms
            or norm == words.infinitive
        ):
            return False
        if (
            position in self.actor_at
            or norm in words.months
            or norm in words.weekdays
            or norm in words.units
            or norm in words.time_words
        ):
            return False
        if words.capital_nouns and not self.hangs_on(position):
            return False
        return self.norms[position - 1] != words.possessive

    def hangs_on(self, position: int) -> bool:
        """Tell whether a hyphen, or nothing, joins a word to the one before: "Nato-Gipfel"."""
        return (
            0 <= self.s.tokens[position].start - self.s.tokens[position - 1].end <= 1
            and not self.s.text[
                self.s.tokens[position - 1].end - self.s.start : self.s.tokens[position].start - self.s.start
            ].isspace()
        )

    def next(self, position: int) -> str:
        """Return the word at a place; nothing beyond the end."""
        return self.norms[position] if position < len(self.norms) else ""

    def skip_articles(self, position: int) -> int:
        """Return the first place from here on that is no article."""
        while position < len(self.norms) and self.norms[position] in self.words.articles:
            position += 1
        return position

    def is_time(self, position: int) -> bool:
        """Tell a word of time: a day, a month, a number of years."""
        norm = self.norms[position]
        return (
            norm in self.words.months
            or norm in self.words.weekdays
            or norm.isdigit()
            or norm in self.words.units
            or norm in self.words.time_words
        )

    def clause_ends(self, position: int) -> bool:
        """Tell whether nothing of the clause follows but when it happens."""
        if position >= len(self.norms):
            return True
        norm, words = self.norms[position], self.words
        timed = self.is_time(position) or norm in words.adverbs or norm in words.numbers
        return timed or norm in words.boundaries or not norm[0].isalnum()
