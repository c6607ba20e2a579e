"""Dead letters of embedded runs, kept in the state folder: the embedded broker forgets its topic when it ends.

`<state>/deadletters.jsonl` holds one record a line, in the form of the topic; the same letter twice is kept once.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from treatywatch import wire
from treatywatch.deadletters import Kept
from treatywatch.errors import WireError
from treatywatch.model import DeadLetter

FILE = "deadletters.jsonl"

Key = tuple[str, str, str]


class KeptLetters:
    """The file of one state folder. One process writes it."""

    def __init__(self, state: Path) -> None:
        self._path = state / FILE
        self._known: set[Key] = {_key(kept.letter) for kept in read(state) if kept.letter is not None}

    def keep(self, value: bytes) -> None:
        """Append a record of the topic, unless the same input died at the same stage before."""
        try:
            letter = wire.decode(value, DeadLetter)
        except WireError:
            return  # nothing of ours
        if _key(letter) not in self._known:
            self._known.add(_key(letter))
            with self._path.open("ab") as file:
                file.write(value + b"\n")


def read(state: Path) -> Iterator[Kept]:
    """Yield the kept letters in order; their place is 0 and the number of their line from 0."""
    path = state / FILE
    if not path.is_file():
        return
    with path.open("rb") as file:
        for number, line in enumerate(file):
            try:
                yield Kept(0, number, wire.decode(line.strip(), DeadLetter))
            except WireError as error:
                yield Kept(0, number, None, f"{error.reason}: {error}")


def _key(letter: DeadLetter) -> Key:
    return letter.stage, letter.source, letter.sha256
