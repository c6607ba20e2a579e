"""Read set phrases around an instrument that are together an act: "holds … in abeyance", "is no longer bound by"."""

from __future__ import annotations

from processors.detect.noun_links import NounReader
from processors.detect.objects import Object
from processors.detect.reading import Act, Link, TreatyMention, WordForm
from treatywatch.model import Reason

_AGAIN = 6  # words between who is let in and "again"


class FrameReader(NounReader):
    """Makes the links of set phrases."""

    def frames(self) -> list[Link]:
        """Give the links of every set phrase of the sentence."""
        links: list[Link] = []
        first = self.d.frames_before.first | self.d.frames_after.first
        for position, norm in enumerate(self.norms):
            if norm not in first:
                continue
            for found in self.d.frames_before.at(self.norms, position):
                index, closes = found.payload
                needs = self.words.frames[index].needs
                if needs and not any(o.kind == needs and o.end <= found.start for o in self.s.operators):
                    continue
                got = self.object_at(found.end)
                pronoun = self.next(found.end) in self.words.object_pronouns and self.clause_ends(found.end + 1)
                if isinstance(got, Reason) and (pronoun or self.words.frames[index].bare):
                    over = pronoun or self.clause_ends(found.end)
                    end = found.end + pronoun
                    it = TreatyMention(end - 1, end, None, None, False, named=False, pronoun=True)
                    got = Object(it, None, end) if over else got
                if isinstance(got, Reason):
                    continue
                tail = self.d.frames_after.within(self.norms, got.end, got.end + 5) if closes else None
                if closes and tail is None:
                    continue
                links.append(self._framed(index, found.start, found.end, got, tail.end if tail else got.end))
                break
            for after in self.d.frames_after.at(self.norms, position):
                frame = self.words.frames[after.payload]
                if frame.before:
                    continue
                treaty = next(
                    (
                        t
                        for t in reversed(self.s.treaties)
                        if t.end <= position and position - t.end <= 8 and not t.organisation
                    ),
                    None,
                )
                if treaty is not None:
                    links.append(
                        self._framed(after.payload, after.start, after.end, Object(treaty, None, after.end), after.end)
                    )
                break
        return links

    def readmissions(self) -> list[Link]:
        """Give the returns that an organisation tells: "admits Iceland as a member again"."""
        family = next((f for f in self.words.acts if f.admission), None)
        if family is None:
            return []
        links = []
        for body in (t for t in self.s.treaties if t.named and t.organisation):
            verb = self._past_adverbs(body.end)
            actor = self.actor_at.get(self.skip_articles(verb + 1))
            if self.next(verb) not in self.words.admitting or actor is None:
                continue
            if not self.words.again.isdisjoint(self.norms[actor.end : actor.end + _AGAIN]):
                act = Act(verb, verb + 1, family, WordForm.PRESENT)
                links.append(Link(act, body, family.action, actor.end, "readmit.back", (actor,), True))
        return links

    def _past_adverbs(self, position: int) -> int:
        while self.next(position) in self.words.adverbs:
            position += 1
        return position

    def _framed(self, index: int, start: int, end: int, got: Object, after: int) -> Link:
        frame = self.words.frames[index]
        family = self.lexicon.frame_family(frame)
        planned = any(operator.kind == "plan" and operator.end == start for operator in self.s.operators)
        planned = planned or (start > 0 and self.norms[start - 1] == self.words.infinitive)
        past = self.norms[start].endswith(self.words.past_endings)
        form = WordForm.BASE if planned else WordForm.PAST if frame.stage is None and past else WordForm.PRESENT
        return Link(
            Act(start, end, family, form), got.treaty, frame.action, after, f"frame.{frame.id}", stage=frame.stage
        )
