"""Read what one act is done to: one instrument, a list of them, the exception behind "but not"."""

from __future__ import annotations

from processors.detect.ellipsis import EXCEPTED
from processors.detect.objects import Object, ObjectReader
from processors.detect.reading import Act, ActorMention, Link
from treatywatch.model import Action, Reason

_LISTED = 12  # words between an act and "including"


class ListReader(ObjectReader):
    """Makes the links of an act to all of its objects."""

    def all_links(self, act: Act, got: Object, action: Action, rule: str, whom: tuple[ActorMention, ...]) -> list[Link]:
        """One link for each instrument of a list ("the treaty and its protocol")."""
        if got.carrier in ("deratify", "unsign"):
            action = Action(got.carrier)
        links = [Link(act, got.treaty, action, got.end, rule, whom, bool(whom), stage=act.family.stage)]
        while got.end + 1 < len(self.norms) and len(links) < 6:
            end = self.past_partners(got.end)
            comma = end + 1 if self.norms[end : end + 1] == [","] else end
            excepted = self.lexicon.small_at(self.norms, comma, "exception")
            start = excepted or self.lexicon.small_at(self.norms, comma, "inclusion")
            start = start or (got.end + 1 if self.norms[got.end] in self.words.conjunctions else 0)
            following = self.object_at(start, reach=5) if start else Reason.NO_TREATY
            if isinstance(following, Reason) or following.treaty is got.treaty or not self.fits(act, following):
                break
            one = self.words.plain_articles - self.words.definite
            told = not following.treaty.named or self.norms[start] in one  # "the VFA, a defence pact with the US"
            if self.norms[got.end] == "," and told and self.norms[start] in self.words.articles:
                break  # "the Treaty on X, a pact of 1990": said of the first, no second
            got = following
            how = f"{rule}.{EXCEPTED}" if excepted else rule
            links.append(Link(act, got.treaty, action, got.end, how, whom, bool(whom)))
            if excepted:
                break
        return links

    def included(self, act: Act, start: int) -> Object | None:
        """Read "withdraws from 66 organisations, including X": the one that is named."""
        for position in range(start, min(start + _LISTED, len(self.norms))):
            after = self.lexicon.small_at(self.norms, position, "inclusion")
            got = self.object_at(after, reach=6) if after else None
            if isinstance(got, Object) and got.treaty.named and self.fits(act, got):
                return got
        return None

    def past_partners(self, position: int) -> int:
        """Give the place after "with India and Nepal", where that is what follows an instrument."""
        end = position
        if self.norms[end] in self.words.partners:
            end += 1
            while end < len(self.norms) and (self.norms[end] in self.words.articles or end in self.actor_at):
                end = self.actor_at[end].end if end in self.actor_at else end + 1
                joined = self.norms[end : end + 1] and self.norms[end] in self.words.conjunctions
                end += bool(joined and end + 1 in self.actor_at)
        return end if end > position + 1 else position

    def fits(self, act: Act, got: Object) -> bool:
        """Tell whether the family can be done to the object: an organisation is left, not torn up."""
        takes, treaty = act.family.takes, got.treaty
        if treaty.article or takes == "article":
            return treaty.article and takes == "article"
        if got.carrier == "accession":
            return takes == "from"
        if takes == "carrier":
            return got.carrier is not None
        if takes == "instrument" and treaty.organisation:
            return got.carrier is not None
        if takes in ("to", "in"):
            return treaty.named
        return True
