"""What every store promises, whatever is behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from treatywatch.errors import TreatywatchError
from treatywatch.model import Case, Signal


@dataclass(frozen=True, slots=True)
class Refused:
    """A document that the store will never take: its place among the signals or cases of the call, and why."""

    kind: str  # signal or case
    place: int
    reason: str
    error: str


@dataclass(frozen=True, slots=True)
class Written:
    """What became of the documents of one call; `stale` ones were older than what the store holds."""

    taken: int = 0
    stale: int = 0
    refused: tuple[Refused, ...] = field(default=())


class StoreError(TreatywatchError):
    """The store cannot be used; the message says which, why, and what to do. Nothing was half written."""

    exit_code = 75


class Store(Protocol):
    """A place that signals and cases are written to."""

    name: str

    def write(self, signals: Sequence[Signal], cases: Sequence[Case]) -> Written:
        """Write documents and return once they are safe.

        A document never replaces one with a higher (revision, generation); an equal one replaces it, so writing twice
        is writing once. A store that is away for a while is waited for.
        """

    def regained(self) -> None:
        """Forget what was remembered about documents, because another process may have written meanwhile."""

    def close(self) -> None:
        """Let go of connections and files."""
