"""The names under which people look for a case: of its state and of its treaty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from treatywatch.history import Known
from treatywatch.register import Register


class ActorNames(Protocol):
    """What names states: `treatywatch.actors.Actors`."""

    def name(self, code: str) -> str:
        """Return the display name of a state."""


@dataclass(frozen=True, slots=True)
class Names:
    """Display names and further names by code, and the exits that are known from before."""

    register: Register
    actors: ActorNames
    history: tuple[Known, ...] = ()

    def actor(self, code: str) -> str:
        """Name a state."""
        return self.actors.name(code)

    def treaty(self, id: str | None, text: str) -> str:
        """Name an instrument: by the register, else by the words of the text."""
        return self.register.name(id, text)

    def treaty_words(self, id: str | None) -> tuple[str, ...]:
        """Return every further name that a search should find the instrument by."""
        row = self.register.get(id)
        return (row.id, row.name, row.official, *row.aliases, *row.acronyms) if row else ()

    def treaty_kind(self, id: str | None) -> str | None:
        """Return the register's kind of the instrument (arms control, trade …); none where it has no such row."""
        row = self.register.get(id)
        return row.kind if row else None
