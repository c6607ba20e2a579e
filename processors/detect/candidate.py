"""A link with everything that the later steps find out about it."""

from __future__ import annotations

from dataclasses import dataclass

from processors.detect.dates import FoundDate
from processors.detect.reading import ActorMention, Link, Sentence, Verdict
from treatywatch.model import Reason


@dataclass(frozen=True, slots=True)
class Candidate:
    """A link, what the words around it make of it, who leaves, and why it is no signal where it is none.

    `rules` are the ids of all rules that fired for it, in order: those of the verdict, the one that chose the actor,
    the one that chose the instrument or refused it. `reason` is none where the candidate became signals.
    """

    sentence: Sentence
    link: Link
    verdict: Verdict
    actors: tuple[ActorMention, ...]
    dates: tuple[FoundDate, ...]
    rules: tuple[str, ...] = ()
    reason: Reason | None = None
