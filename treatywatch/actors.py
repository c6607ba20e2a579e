"""Who acts: `config/actors.yml` as typed data.

The file is the source of every name: states of ISO 3166 and the EU with the forms that news use for them, seats that
stand for governments, named organs, office holders by date, and groups that act through their members.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from pydantic import Field, model_validator

from treatywatch.config import Strict, lines_of, load
from treatywatch.errors import ConfigError
from treatywatch.model import Institution
from treatywatch.names import Names


class Holder(Strict):
    """A person who speaks for a state, with the days of office; an open end is none."""

    name: str
    since: date | None = None
    until: date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Holder:
        return _ordered(self)


class Actor(Strict):
    """One state, or the EU, with the forms in which news name it."""

    name: str
    names: tuple[str, ...] = ()
    demonyms: tuple[str, ...] = ()
    seats: tuple[str, ...] = ()
    bodies: dict[str, Institution] = Field({})
    holders: tuple[Holder, ...] = ()


class Group(Strict):
    """States that act together under one name, from one day to another."""

    name: str
    forms: tuple[str, ...]
    members: tuple[str, ...] = Field(min_length=2)
    since: date | None = None
    until: date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Group:
        return _ordered(self)


_Dated = TypeVar("_Dated", Holder, Group)


def _ordered(dated: _Dated) -> _Dated:
    """Refuse dates that run backwards."""
    if dated.since and dated.until and dated.since > dated.until:
        raise ValueError(f"{dated.name}: since {dated.since} is after until {dated.until}")
    return dated


class FormKind(StrEnum):
    """What a form is: it decides where in a sentence the form can act."""

    NAME = "name"
    DEMONYM = "demonym"
    SEAT = "seat"
    BODY = "body"
    HOLDER = "holder"
    GROUP = "group"
    PARTIAL = "partial"  # some of a group, which a text counts and does not name


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write an actor: whom it names, from when to when, and whether capitals matter.

    `trap` marks a seat that names treaties too; `institution` is the organ, where the form names one.
    """

    text: str
    codes: tuple[str, ...]
    kind: FormKind
    exact: bool = False
    trap: bool = False
    institution: Institution | None = None
    since: date | None = None
    until: date | None = None

    def holds(self, day: date | None) -> bool:
        """Tell whether the form names its actor on that day; an unknown day excludes nothing."""
        if day is None:
            return True
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


class Plural(Strict):
    """How a demonym forms its plural: the ending, and the endings behind which there is none."""

    ending: str = ""
    never_after: tuple[str, ...] = ()

    def of(self, demonym: str) -> tuple[str, ...]:
        """Give the plural, where there is one."""
        return () if not self.ending or demonym.endswith(self.never_after) else (f"{demonym}{self.ending}",)


class _File(Strict):
    exact: frozenset[str] = frozenset()
    seat_traps: frozenset[str] = frozenset()
    plural: Plural = Plural()
    groups: tuple[Group, ...] = ()
    actors: dict[str, Actor]


class Actors:
    """The states and the EU by code; `version` changes whenever the file does."""

    def __init__(
        self,
        actors: Mapping[str, Actor],
        groups: tuple[Group, ...] = (),
        exact: frozenset[str] = frozenset(),
        seat_traps: frozenset[str] = frozenset(),
        version: str = "test",
        plural: Plural | None = None,
    ) -> None:
        self.version = version
        self._plural = plural or Plural()
        self._by_code = dict(actors)
        self._groups = groups
        self._exact = exact
        self._traps = seat_traps

    def __contains__(self, code: object) -> bool:
        return code in self._by_code

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_code)

    def __len__(self) -> int:
        return len(self._by_code)

    def name(self, code: str) -> str:
        """Name an actor for people; a code that is not in the file stays as it is."""
        actor = self._by_code.get(code)
        return actor.name if actor else code

    @property
    def groups(self) -> tuple[str, ...]:
        """The names of the groups."""
        return tuple(group.name for group in self._groups)

    def called(self, names: Names) -> Actors:
        """Give the same actors under the names of another language; organs and holders keep their own names.

        A state or a group that the language does not name keeps its English name, and loses its other forms.
        """
        actors = {code: _called(actor, names, code) for code, actor in self._by_code.items()}
        groups = tuple(
            group.model_copy(update={"forms": names.groups.get(group.name, (group.name,))}) for group in self._groups
        )
        return Actors(actors, groups, self._exact | names.exact, names.seat_traps, self.version)

    def forms(self) -> Iterator[Form]:
        """Give every form in which a text may name an actor, in the order of the file."""
        for code, actor in self._by_code.items():
            codes = (code,)
            for text in (actor.name, *actor.names):
                yield Form(text, codes, FormKind.NAME, exact=text in self._exact)
            for text in actor.demonyms:
                for form in (text, *self._plural.of(text)):
                    yield Form(form, codes, FormKind.DEMONYM, exact=text in self._exact)
            for text in actor.seats:
                yield Form(text, codes, FormKind.SEAT, trap=text in self._traps)
            for text, institution in actor.bodies.items():
                yield Form(text, codes, FormKind.BODY, exact=text in self._exact, institution=institution)
            for holder in actor.holders:
                yield Form(holder.name, codes, FormKind.HOLDER, since=holder.since, until=holder.until)
        for group in self._groups:
            for text in group.forms:
                exact = text in self._exact
                yield Form(text, group.members, FormKind.GROUP, exact, since=group.since, until=group.until)


def _called(actor: Actor, names: Names, code: str) -> Actor:
    own = names.states.get(code)
    holders = actor.holders + tuple(
        holder.model_copy(update={"name": written})
        for holder in actor.holders
        for written in names.holders.get(holder.name, ())
    )
    actor = actor.model_copy(update={"holders": holders})
    if own is None:
        return actor.model_copy(update={"names": (), "demonyms": (), "seats": ()})
    first, *more = own.names
    words = {"name": first, "names": tuple(more), "demonyms": names.demonyms(code), "seats": own.seats}
    return actor.model_copy(update={**words, "bodies": actor.bodies | own.bodies})


def load_actors(config: Path) -> Actors:
    """Read `actors.yml`. Raises ConfigError with every fault, two actors with one name among them."""
    path = config / "actors.yml"
    file = load(path, _File)
    faults = [*_group_faults(path, file), *_actor_faults(path, file)]
    if faults:
        raise ConfigError(faults)
    version = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
    return Actors(file.actors, file.groups, file.exact, file.seat_traps, version, file.plural)


def _group_faults(path: Path, file: _File) -> list[str]:
    """Name each group with a member that is no actor, by its line."""
    return [
        f"{path}:{lines_of(path, 'groups')[place]}: '{group.name}' has members that are no actors: {', '.join(unknown)}"
        for place, group in enumerate(file.groups)
        if (unknown := [code for code in group.members if code not in file.actors])
    ]


def _actor_faults(path: Path, file: _File) -> list[str]:
    """Name each code of another form, and each name that two actors share, by the line of the (later) actor."""
    owner: dict[str, str] = {}
    clashes = [
        (code, f"'{code}' is no code of an actor; it is two capital letters")
        for code in file.actors
        if len(code) != 2 or not code.isalpha() or not code.isupper()
    ]
    for code, actor in file.actors.items():
        for text in (actor.name, *actor.names, *actor.demonyms, *actor.seats, *actor.bodies):
            if owner.setdefault(text.casefold(), code) != code:
                clashes.append((code, f"'{text}' names both {owner[text.casefold()]} and {code}; keep one"))
    lines = dict(zip(file.actors, lines_of(path, "actors"), strict=True)) if clashes else {}
    return [f"{path}:{lines[code]}: {fault}" for code, fault in clashes]
