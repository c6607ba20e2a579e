"""How a language orders and joins its words, as data: the section `order` of a lexicon.

The steps of the detector read every sentence in one order: who, what bends, the act, the instrument, the rest. A
language that speaks in that order has no such section. For one that does not, `rewrite.py` and `clauses.py` bring the
words into it, and this is what they need to know. "Polen tritt aus dem Abkommen aus" becomes "Polen austritt aus dem
Abkommen".
"""

from __future__ import annotations

from typing import Any

from pydantic import Field, field_validator, model_validator

from processors.detect.tokens import fold
from treatywatch.config import Strict

FORMS = 5  # of a verb: base, present, past, participle, -ing; "-" where the language has no such form


def check_rows(rows: tuple[str, ...]) -> tuple[str, ...]:
    """Give the rows of verbs back. Raises ValueError where one has not the forms that are needed."""
    for row in rows:
        if len(row.split()) % FORMS:
            raise ValueError(f"five forms are needed (base, -s, past, participle, -ing), not {row!r}")
    return rows


def fold_all(value: Any) -> Any:
    """Write every word with accents in a value as the tokenizer folds it."""
    if isinstance(value, str):
        return value if value.isascii() else fold(value)
    if isinstance(value, dict):
        return {fold_all(key): fold_all(inner) for key, inner in value.items()}
    return [fold_all(inner) for inner in value] if isinstance(value, list) else value


class Order(Strict):
    """Word order, separable verbs, compounds and cases of a language whose finite verb stands second.

    Verbs are written as in the acts, with a bar behind a prefix that separates: "aus|treten aus|tr{itt,eten} …". The
    first form in braces is the one that the other sections know.
    """

    operators: dict[str, tuple[str, ...]] = Field({}, description="verbs that bend an act, by the kind of operator")
    verbs: tuple[str, ...] = Field((), description="verbs that frames are made of")
    auxiliaries: frozenset[str] = Field(frozenset(), description="finite verbs that send another to the end")
    perfect: frozenset[str] = Field(frozenset(), description="those of them that take a participle")
    passive: dict[str, str] = Field({}, description="an auxiliary, and what it is read as before a participle")
    helpers: frozenset[str] = Field(frozenset(), description="unfinite auxiliaries at the end of a clause")
    anywhere: frozenset[str] = Field(frozenset(), description='prefixes that may stand anywhere: "wieder"')
    negations: frozenset[str] = frozenset()
    scoped: frozenset[str] = Field(frozenset(), description='what keeps a negation where it is: "nicht nur"')
    subordinators: frozenset[str] = Field(frozenset(), description="words that send the finite verb to the end")
    joined: frozenset[str] = Field(frozenset(), description="those of them before which a comma parts nothing")
    relatives: frozenset[str] = frozenset()
    relative: str = Field("", description="what a relative pronoun is read as")
    parting: frozenset[str] = Field(frozenset(), description='words that may join two clauses: "und"')
    openers: frozenset[str] = Field(frozenset(), description="words before an infinitive clause")
    pronouns: frozenset[str] = frozenset()
    objects: frozenset[str] = Field(frozenset(), description="articles that begin no subject")
    object_mark: str = Field("", description="the preposition that such a state is read with: 'folgt den USA'")
    genitives: frozenset[str] = Field(frozenset(), description="articles behind a noun that mean the partitive")
    genitive_ending: str = Field("", description="what a state's name takes in the genitive")
    directive: str = Field("", description="what the infinitive's marker is read as where it is a preposition")
    infinitive_ending: str = ""
    contractions: dict[str, tuple[str, ...]] = Field({}, description='"vom" is read as two words')
    spellings: dict[str, str] = Field({}, description="words that only their accents tell from others")
    adjuncts: frozenset[str] = Field(frozenset(), description="prepositions of time and cause: moved to the end")
    heads: frozenset[str] = Field(frozenset(), description="nouns cut off the end of a compound")
    whole: frozenset[str] = Field(frozenset(), description="compounds that are left whole")
    signs: frozenset[str] = Field(frozenset(), description="words by which the prefilter finds what frames tell apart")
    numeric_dates: bool = Field(False, description="27.12.2025 is day, month, year")

    @model_validator(mode="before")
    @classmethod
    def _folded(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        return {key: value if key in ("spellings", "signs") else fold_all(value) for key, value in data.items()}

    @field_validator("verbs")
    @classmethod
    def _verb_forms(cls, rows: tuple[str, ...]) -> tuple[str, ...]:
        return check_rows(rows)

    @field_validator("operators")
    @classmethod
    def _operator_forms(cls, operators: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        for rows in operators.values():
            check_rows(rows)
        return operators
