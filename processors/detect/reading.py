"""What the steps hand to each other: a sentence with the mentions that were found in it, and the links between them."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as filled
from enum import StrEnum

from processors.detect.lexicon import ActFamily
from processors.detect.tokens import Token
from treatywatch.actors import Form
from treatywatch.model import Action, Hedge, Institution, Reason, Stage


class WordForm(StrEnum):
    """In which form an act stands."""

    BASE = "base"
    PRESENT = "present"
    PAST = "past"
    PARTICIPLE = "participle"
    GERUND = "gerund"
    NOUN = "noun"


@dataclass(frozen=True, slots=True)
class TreatyMention:
    """An instrument or organisation at tokens[start:end].

    `treaty` is a register id, `slug` tells instruments of a group row (or outside the register) apart. `named` is false
    for a noun phrase that only describes ("a 2018 military accord"), `counterparts` are the states that it names.
    """

    start: int
    end: int
    treaty: str | None
    slug: str | None
    organisation: bool
    named: bool = True
    strong: bool = True
    purpose: str | None = None
    counterparts: tuple[str, ...] = ()
    dated: bool = False
    plural: bool = False
    definite: bool = False
    pronoun: bool = False
    partner: bool = False  # made with an organisation, which gives the slug
    parties: tuple[str, ...] = ()  # of a bilateral row that a nickname names: others use the nickname of their own
    article: bool = False  # an exit clause that stands for the exit: "Article 50"


@dataclass(frozen=True, slots=True)
class ActorMention:
    """A state (or states) at tokens[start:end]; `acts` is false for a place ("talks in Rome")."""

    start: int
    end: int
    codes: tuple[str, ...]
    form: Form
    acts: bool = True
    state: bool = True  # false where a non-state noun follows: "Colombian rebels"


@dataclass(frozen=True, slots=True)
class Act:
    """An act word at tokens[start:end]; `own` is the object between verb and particle ("pull *Britain* out")."""

    start: int
    end: int
    family: ActFamily
    form: WordForm
    own: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Operator:
    """A word that bends an act: its kind is the name of a section in the lexicon."""

    start: int
    end: int
    kind: str


@dataclass(slots=True)
class Sentence:
    """One sentence of one field with everything found in it; filled step by step, never changed afterwards."""

    field: str
    start: int
    end: int
    text: str
    tokens: list[Token]
    norms: list[str]
    cased: bool
    titled: bool = False  # written in title case: a capital means no name
    treaties: list[TreatyMention] = filled(default_factory=list)
    actors: list[ActorMention] = filled(default_factory=list)
    acts: list[Act] = filled(default_factory=list)
    operators: list[Operator] = filled(default_factory=list)
    question: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """An act and the instrument that it is done to, in one sentence.

    `whom` are actors that the link itself names ("Poland's withdrawal", "pull Iran out of"); `after` is the token where
    reading to the right goes on; `passive` says that the instrument stands before the act.
    """

    act: Act
    treaty: TreatyMention
    action: Action
    after: int
    rule: str
    whom: tuple[ActorMention, ...] = ()
    whom_explicit: bool = False
    passive: bool = False
    stage: Stage | None = None  # where the phrase itself says it ("no longer bound by")


@dataclass(frozen=True, slots=True)
class Refused:
    """An act that is done to no instrument, and why not: `explain` shows it."""

    sentence: Sentence
    act: Act
    reason: Reason


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the words around a link make of it: a stage, or the reason for none."""

    stage: Stage | None
    reason: Reason | None
    hedge: Hedge
    institution: Institution | None
    operators: tuple[Operator, ...]
    rules: tuple[str, ...]
    speech: Operator | None = None
    subject: ActorMention | None = None
    bare: bool = False  # effective by its tense alone: any better word of the item wins
    inserted: frozenset[int] = frozenset()  # tokens of insertions between the subject and the act
