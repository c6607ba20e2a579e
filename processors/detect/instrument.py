"""Say which instrument between states a candidate is about, or that it is about none.

An instrument that is only described needs signs of it: a counterpart, a purpose, a year. "The agreement", "it", "the
bloc" stand for what the item names elsewhere. Each rule is a function with the phrase that taught it; they are asked in
order, and the first that answers decides.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from processors.detect.addressee import addressee
from processors.detect.candidate import Candidate
from processors.detect.lexicon import Lexicon
from processors.detect.on_demand import Sentences
from processors.detect.reading import Sentence, TreatyMention, WordForm
from treatywatch.model import Action, Institution, Reason

_HOUSES = (Institution.LOWER_HOUSE, Institution.UPPER_HOUSE)


_BEGINNING, _CLOSE = 10, 50  # sentences that are looked back to, so that the work grows with the text and no faster


@dataclass(frozen=True, slots=True)
class Named:
    """What the item names: its sentences, the number of the candidate's, and the instruments that earlier candidates
    were about, by actor (`described`)."""

    sentences: Sentences
    index: int
    described: Sequence[tuple[str, TreatyMention]] = ()

    @property
    def known(self) -> frozenset[tuple[str | None, str | None]]:
        """Register rows and slugs of the whole item."""
        return self.sentences.known

    @property
    def fuller(self) -> Sequence[TreatyMention]:
        """The instruments that the item only describes by a counterpart."""
        return self.sentences.fuller

    @property
    def earlier(self) -> Sequence[Sentence]:
        """The sentences before the candidate's; of a very long text its beginning and those close by."""
        if self.index <= _BEGINNING + _CLOSE:
            return self.sentences[: self.index]
        return [*self.sentences[:_BEGINNING], *self.sentences[self.index - _CLOSE : self.index]]


@dataclass(frozen=True, slots=True)
class Meant:
    """The instrument that is meant, or the reason for none, and the rule that said so."""

    treaty: TreatyMention | None
    reason: Reason | None
    rule: str


@dataclass(frozen=True, slots=True)
class _Case:
    """What the rules look at."""

    candidate: Candidate
    treaty: TreatyMention
    lexicon: Lexicon
    named: Named
    states: frozenset[str]  # who leaves

    @property
    def weak(self) -> bool:
        """Whether the verb means many other things."""
        return self.candidate.link.act.family.weak

    @property
    def others(self) -> set[str]:
        """The states that the instrument is made with."""
        return set(self.treaty.counterparts) - self.states

    def here(self, other: TreatyMention) -> TreatyMention:
        """Put another mention in the place where the instrument stands."""
        return replace(other, start=self.treaty.start, end=self.treaty.end)


_Answer = TreatyMention | Reason | None
_Rule = Callable[[_Case], _Answer]


def instrument(candidate: Candidate, lexicon: Lexicon, named: Named) -> Meant:
    """Give the instrument if it is one between states, else the reason."""
    states = frozenset(code for actor in candidate.actors for code in actor.codes)
    case = _Case(candidate, candidate.link.treaty, lexicon, named, states)
    for name, rule in _RULES:
        answer = rule(case)
        if isinstance(answer, Reason):
            return Meant(None, answer, f"no.{name}")
        if answer is not None:
            return Meant(answer, None, f"instrument.{name}")
    return Meant(None, Reason.NO_TREATY, "no.instrument")


# ---- the rules, in the order in which they are asked


def _condemned(case: _Case) -> _Answer:
    """ "Denounces the pact as a betrayal": the other sense of a legal word."""
    candidate = case.candidate
    if not candidate.link.act.family.condemns or candidate.link.act.form is WordForm.NOUN:
        return None
    return None if _legal(candidate, case.lexicon) else Reason.OTHER_SENSE


def _by_name(case: _Case) -> _Answer:
    """ "The Ottawa Convention"; "the intelligence pact" is that of Japan and Korea only where one of them acts."""
    treaty = case.treaty
    foreign = treaty.parties and case.states and case.states.isdisjoint(treaty.parties)
    return treaty if treaty.named and not foreign else None


def _of_others(case: _Case) -> _Answer:
    """ "Sweden ends its intelligence pact with Norway": a nickname, used of another instrument."""
    treaty = case.treaty
    if not treaty.named:
        return None
    other = replace(treaty, treaty=None, slug=None, named=False)
    return other if case.others else Reason.NO_TREATY


def _founding(case: _Case) -> _Answer:
    """ "The tribunal's founding treaty": that of the one organisation that the item names before."""
    treaty, words = case.treaty, case.lexicon.words
    if words.founding.isdisjoint(case.candidate.sentence.norms[treaty.start : treaty.end]):
        return None
    said = {(t.treaty, t.slug) for s in case.named.earlier for t in s.treaties if t.named and t.organisation}
    return replace(treaty, treaty=next(iter(said))[0], slug=next(iter(said))[1]) if len(said) == 1 else None


def _pronoun(case: _Case) -> _Answer:
    """ "Voted to leave it": the one thing that the item names before."""
    if not case.treaty.pronoun:
        return None
    said = [t for s in case.named.earlier for t in s.treaties if t.named]
    said += [t for t in case.candidate.sentence.treaties if t.named and t.end <= case.treaty.start]
    return case.here(said[-1]) if len({(t.treaty, t.slug) for t in said}) == 1 else Reason.NO_TREATY


def _its_charter(case: _Case) -> _Answer:
    """ "Sends the OAS a letter denouncing its charter": the founding text of the one body that the sentence names."""
    treaty, norms, words = case.treaty, case.candidate.sentence.norms, case.lexicon.words
    owned = treaty.start > 0 and norms[treaty.start - 1] in words.owning_articles | {words.possessive}
    bodies = {t.treaty: t for t in case.candidate.sentence.treaties if t.named and t.organisation and t.treaty}
    founding = norms[treaty.end - 1] in words.charters and not treaty.counterparts
    if not (owned and founding and len(bodies) == 1):
        return None
    (body,) = bodies.values()
    return replace(case.here(body), organisation=False)


def _the_body(case: _Case) -> _Answer:
    """ "The bloc": the one organisation that the item names before; "the council": the one council among them."""
    treaty, sentence = case.treaty, case.candidate.sentence
    if not treaty.organisation:
        return None
    pairs = [(t, s) for s in case.named.earlier for t in s.treaties]
    pairs += [(t, sentence) for t in sentence.treaties if t.end <= treaty.start]
    spans = [(t, s.norms[t.start : t.end]) for t, s in pairs if t.named and t.organisation]
    kind = sentence.norms[treaty.end - 1]
    before = [t for t, norms in spans if kind in norms] or [t for t, _ in spans]
    fits = case.candidate.link.act.family.takes in ("from", "direct", "in")
    if len({(t.treaty, t.slug) for t in before}) != 1 or not fits:
        return Reason.NO_TREATY
    return TreatyMention(treaty.start, treaty.end, before[-1].treaty, before[-1].slug, True)


def _described_before(case: _Case) -> _Answer:
    """ "… and to suspend the accord": the one that the headline describes."""
    treaty = case.treaty
    told = {(t.purpose, t.counterparts, t.slug): t for code, t in case.named.described if code in case.states}
    if treaty.counterparts or treaty.slug or len(told) != 1:
        return None
    (same,) = told.values()
    return case.here(same) if treaty.purpose in (None, same.purpose) else None


def _described_after(case: _Case) -> _Answer:
    """ "… calls time on tax treaty" over "will terminate its double taxation agreement with Spain"."""
    treaty = case.treaty
    if case.candidate.sentence.field != "title" or treaty.counterparts or treaty.slug or treaty.purpose is None:
        return None
    fuller = {(t.counterparts, t.slug): t for t in case.named.fuller if t.purpose == treaty.purpose}
    if len(fuller) != 1:
        return None
    (same,) = fuller.values()
    return case.here(same) if set(same.counterparts) - case.states else None


def _the_only_one(case: _Case) -> _Answer:
    """ "The agreement": the one instrument that the item names; a headline describes what the summary names."""
    treaty, known = case.treaty, case.named.known
    if len(known) != 1 or treaty.counterparts:
        return None
    titled = {(t.treaty, t.slug) for s in case.named.earlier if s.field == "title" for t in s.treaties if t.named}
    again = treaty.definite and not treaty.plural and titled >= known  # "the 1947 pact" below a headline that names it
    reference = again or (not treaty.purpose and (treaty.definite or treaty.start == treaty.end - 1))
    if case.candidate.sentence.field != "title" and not reference:
        return None
    ((row, slug),) = known
    return TreatyMention(treaty.start, treaty.end, row, slug, False)


def _by_place(case: _Case) -> _Answer:
    """ "The Dagomys agreement"."""
    treaty = case.treaty
    formal = case.candidate.sentence.norms[treaty.end - 1] in case.lexicon.words.formal_heads
    sure = treaty.partner or not case.weak or formal
    return treaty if treaty.slug and case.states and sure else None


def _truce(case: _Case) -> _Answer:
    """ "Ends the ceasefire": fighting resumes, and no instrument is left."""
    return Reason.OTHER_SENSE if case.treaty.purpose == "truce" else None


def _between_states(case: _Case) -> _Answer:
    """ "The international sugar agreement", "the 1998 intergovernmental accord"."""
    treaty, norms = case.treaty, case.candidate.sentence.norms
    words = case.lexicon.words
    told = set(norms[treaty.start : treaty.end]) & words.interstate
    fits = case.candidate.link.act.family.takes in ("from", "instrument", "direct") and not treaty.plural
    gathering = norms[treaty.end - 1] in words.gatherings and case.weak
    return treaty if told and fits and not gathering and case.states else None


def _mirrored(case: _Case) -> _Answer:
    """ "France ends its defence accord with Gabon": a row that one partner stands for, told by the other partner."""
    treaty, words = case.treaty, case.lexicon.words
    span = case.candidate.sentence.norms[treaty.start : treaty.end]
    for row in words.descriptions:
        mirrored = row.treaty in words.by_counterpart and case.others and case.states & set(row.near)
        if mirrored and not treaty.plural and not set(row.about).isdisjoint(span):
            return replace(treaty, treaty=row.treaty, named=True)
    return None


def _official_act(case: _Case) -> _Answer:
    """ "The Duma votes to cancel a 1956 agreement": what a house ends or a depositary is told of is between states."""
    kinds = {operator.kind for operator in case.candidate.verdict.operators}
    return case.treaty if case.treaty.dated and kinds & {"approve", "notify"} and case.states else None


def _with_partner(case: _Case) -> _Answer:
    """ "Scraps its fishing deal with Norway"; an arrangement needs a purpose, or it is any travel lane."""
    treaty = case.treaty
    if case.candidate.sentence.norms[treaty.end - 1] in case.lexicon.words.faint_heads and not treaty.purpose:
        return None
    signs = treaty.strong or treaty.purpose or not case.weak or treaty.dated
    ended = case.candidate.link.act.family.action in (Action.TERMINATE, Action.SUSPEND)
    return treaty if case.others and (signs or ended) else None


def _with_addressee(case: _Case) -> _Answer:
    """ "Tells Australia it is ending the maritime treaty": whom one tells is whom it is made with."""
    treaty, candidate = case.treaty, case.candidate
    told = addressee(candidate.sentence, candidate.link.act.start, case.lexicon)
    if treaty.counterparts or treaty.organisation or told is None or case.states & set(told.codes):
        return None
    notice = any(operator.kind == "notify" for operator in candidate.verdict.operators)
    signs = treaty.purpose or treaty.dated or notice
    return replace(treaty, counterparts=told.codes) if signs else None


def _with_speaker(case: _Case) -> _Answer:
    """ "Paris takes note of Chad's decision to end the defence accord": who reacts is whom it is made with."""
    treaty, verdict = case.treaty, case.candidate.verdict
    reaction = next((o for o in verdict.operators if o.kind == "react"), None)
    if reaction is None or treaty.counterparts or treaty.purpose is None or treaty.organisation:
        return None
    before = [a for a in case.candidate.sentence.actors if a.end <= reaction.start and a.state]
    codes = {code for actor in before for code in actor.codes} - case.states
    if len(codes) != 1 or not case.states:
        return None
    return _row_with(case, replace(treaty, counterparts=tuple(codes)))


def _row_with(case: _Case, treaty: TreatyMention) -> TreatyMention:
    """Give the register row that a counterpart found elsewhere stands for, where there is one: "its defence accord"."""
    words = case.lexicon.words
    span = set(case.candidate.sentence.norms[treaty.start : treaty.end])
    for row in words.descriptions:
        if row.treaty in words.by_counterpart and set(row.near) & set(treaty.counterparts) and span & set(row.about):
            return replace(treaty, treaty=row.treaty, named=True)
    return treaty


def _with_purpose(case: _Case) -> _Answer:
    """ "Withdraws from the extradition treaty"."""
    treaty = case.treaty
    purpose = treaty.strong and treaty.purpose and treaty.purpose != "peace"
    return treaty if purpose and (not case.weak or treaty.dated) and case.states else None


def _with_year(case: _Case) -> _Answer:
    """ "The 1857 straits treaty"."""
    treaty = case.treaty
    dated = treaty.strong and treaty.dated and not treaty.plural and not treaty.purpose
    return treaty if dated and case.states else None


def _by_reference(case: _Case) -> _Answer:
    """ "The convention" without any name in the item; told with low confidence."""
    treaty, sentence = case.treaty, case.candidate.sentence
    beside = any(actor.end <= len(sentence.tokens) for actor in case.candidate.actors)
    plain = treaty.definite and not case.weak and not treaty.plural
    return treaty if plain and beside and not case.named.known else None


_RULES: tuple[tuple[str, _Rule], ...] = (
    ("condemned", _condemned),
    ("by-name", _by_name),
    ("of-others", _of_others),
    ("founding", _founding),
    ("pronoun", _pronoun),
    ("its-charter", _its_charter),
    ("the-body", _the_body),
    ("described-before", _described_before),
    ("described-after", _described_after),
    ("the-only-one", _the_only_one),
    ("by-place", _by_place),
    ("truce", _truce),
    ("mirrored", _mirrored),
    ("with-partner", _with_partner),
    ("with-addressee", _with_addressee),
    ("with-speaker", _with_speaker),
    ("with-purpose", _with_purpose),
    ("with-year", _with_year),
    ("between-states", _between_states),
    ("official-act", _official_act),
    ("by-reference", _by_reference),
)


# ---- what the rules ask


def _legal(candidate: Candidate, lexicon: Lexicon) -> bool:
    """Tell the legal "denounce" from the one that condemns: a state does it to a treaty, and not "as" something."""
    norms, treaty, words = candidate.sentence.norms, candidate.link.treaty, lexicon.words
    act, after = candidate.link.act, candidate.link.after
    if lexicon.small_within(norms, 0, act.start, "voice"):
        return False  # an opposition cannot denounce, only condemn
    if treaty.organisation or (after < len(norms) and norms[after] in words.condemning):
        return False
    operators, organ = candidate.verdict.operators, candidate.verdict.institution
    return (
        bool(set(norms[treaty.start : treaty.end]) & words.denounceable)
        or bool({operator.kind for operator in operators} & {"approve", "notify"})
        or any(norms[o.start] in words.beginning for o in operators)  # "has begun denouncing the agreements"
        or (treaty.plural and organ in _HOUSES)  # "parliament denounces agreements with A and B"
        or bool(set(norms[max(0, act.start - 2) : act.start]) & words.formal)  # "formally denounces"
        or (treaty.purpose is not None and norms[treaty.start - 1] in words.own_articles)  # "its fisheries agreement"
    )
