"""The verbs of a language with its own order: every form that a text may hold, and the one that the lexicon knows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from processors.detect.lexicon import Lexicon, unfold
from processors.detect.order import FORMS
from processors.detect.tokens import fold

_BASE, _PRESENT, _PAST, _PARTICIPLE = range(FORMS - 1)
NO_FORM = "-"


@dataclass(frozen=True, slots=True)
class Form:
    """One form of a verb: the prefix that may stand apart, the rest as written, and the form that it is read as."""

    column: int
    prefix: str
    rest: str
    norm: str


@dataclass
class Verbs:
    """The forms by how they are written in a text, each with what it is read as."""

    apart: dict[str, dict[str, str]] = field(default_factory=dict)  # "tritt" -> {"aus": "austritt"}, finite only
    finite: dict[str, str] = field(default_factory=dict)  # "austreten" -> "austritt"
    infinitive: dict[str, str] = field(default_factory=dict)
    participle: dict[str, str] = field(default_factory=dict)
    marked: dict[str, str] = field(default_factory=dict)  # "auszutreten" -> "austreten"

    def any(self, norm: str) -> bool:
        """Tell whether a word is a form of a known verb."""
        return norm in self.finite or norm in self.infinitive or norm in self.participle


def forms_of(row: str) -> Iterator[Form]:
    """Give every form of a row of one verb; what a form is read as is the first of its column.

    A participle that is written like the base form ("verlassen") is read as its own word, or nobody could tell
    "had left" from "leaves".
    """
    columns = row.split()
    base = _norm(unfold(columns[_BASE])[0])
    for column, written in enumerate(columns):
        if written == NO_FORM:
            continue
        read = _norm(unfold(written)[0])
        if column == _PARTICIPLE and read == base:
            read = participle_of(read)
        for full in unfold(written):
            prefix, bar, rest = full.rpartition("|")
            yield Form(column, fold(prefix) if bar else "", fold(rest), read)


def written_forms(row: str, lexicon: Lexicon) -> Iterator[str]:
    """Give every word of a row as a text may write it, the parts of a separable verb among them."""
    if lexicon.words.order is None:
        yield from row.split()
        return
    for written in row.split():
        for full in unfold(written) if written != NO_FORM else ():
            prefix, bar, rest = full.rpartition("|")
            yield rest
            if bar:
                yield f"{prefix}{rest}"
                yield f"{prefix}{lexicon.words.infinitive}{rest}"


def participle_of(base: str) -> str:
    """Name the participle of a verb whose participle is its base form: by a letter that no text holds."""
    return f"{base}ə"


def verb_dictionary(rows: Iterable[str], marker: str) -> Verbs:
    """Make the dictionary of all forms; `marker` is the word of the infinitive, which separable verbs take in."""
    verbs = Verbs()
    for row in rows:
        for form in forms_of(row):
            whole = f"{form.prefix}{form.rest}"
            if form.column in (_PRESENT, _PAST):
                verbs.finite.setdefault(whole, form.norm)
                verbs.apart.setdefault(form.rest, {}).setdefault(form.prefix, form.norm)
            elif form.column == _BASE:
                verbs.infinitive.setdefault(whole, form.norm)
                if form.prefix:
                    verbs.marked.setdefault(f"{form.prefix}{marker}{form.rest}", form.norm)
            elif form.column == _PARTICIPLE:
                verbs.participle.setdefault(whole, form.norm)
    return verbs


def _norm(written: str) -> str:
    return fold(written.replace("|", ""))
