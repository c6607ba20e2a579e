"""What was sent, read from where it is kept: the topics or the store. Joins nothing, moves no offset."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from processors.sending import Sent
from treatywatch import wire
from treatywatch.errors import TreatywatchError, WireError
from treatywatch.model import Case, Signal, Transition
from treatywatch.settings import Settings
from treatywatch.topics import CASES, SIGNALS
from treatywatch.whole_topic import whole_topic

if TYPE_CHECKING:
    from treatywatch.settings import Kafka

Progress = Callable[[str, int, int], None]
_NEVER = datetime.min.replace(tzinfo=UTC)


def _quiet(what: str, done: int, total: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Kept:
    """Signals in the order in which they were sent, every transition by case, and the latest record of each case.

    Cases from Elasticsearch come without the evidence of their steps.
    """

    signals: tuple[Sent, ...] = ()
    transitions: Mapping[str, tuple[Transition, ...]] = field(default_factory=dict)
    cases: Mapping[str, Case] = field(default_factory=dict)

    @property
    def items(self) -> dict[str, str]:
        """The item of each signal."""
        return {sent.signal.id: sent.signal.item for sent in self.signals if sent.signal.item}


def from_topics(kafka: Kafka, progress: Progress = _quiet) -> Kept:
    """Read the topics `signals` and `cases` to where they end now; records that cannot be read are left out."""
    signals = []
    for record in whole_topic(kafka, SIGNALS, lambda done, total: progress("signals", done, total)):
        try:
            signal = wire.decode(record.value, Signal)
        except WireError:
            continue  # `track` made a dead letter of it
        signals.append(Sent(signal, record.at, record.partition, record.offset))
    transitions: dict[str, dict[str, Transition]] = {}
    cases: dict[str, Case] = {}
    for record in whole_topic(kafka, CASES, lambda done, total: progress("cases", done, total)):
        try:
            case = wire.decode(record.value, Case)
        except WireError:
            continue
        # A record remembers the most recent transitions; where the topic is not compacted yet, all can be had.
        transitions.setdefault(case.id, {}).update({t.id: t for t in case.transitions})
        if case.id not in cases or case.revision >= cases[case.id].revision:
            cases[case.id] = case
    current = {id: tuple(found.values()) for id, found in transitions.items() if cases[id].superseded_by is None}
    return Kept(tuple(signals), current, cases)


def from_store(settings: Settings, config: Path, state: Path) -> Kept:
    """Read the store that the settings name. Raises StoreError or ServerError where it cannot be had."""
    with _open_store(settings, config, state) as (signals, cases):
        sent = tuple(Sent(signal, signal.fetched or signal.published or _NEVER) for signal in signals)
        records = {case.id: case for case in cases}
    current = {case.id: case.transitions for case in records.values() if case.superseded_by is None}
    return Kept(sent, current, records)


@contextmanager
def _open_store(settings: Settings, config: Path, state: Path) -> Iterator[tuple[Iterator[Signal], Iterator[Case]]]:
    from sinks.names import Names
    from sinks.sqlite import FILE, SqliteStore
    from treatywatch.actors import load_actors
    from treatywatch.register import load_register

    names = Names(load_register(config), load_actors(config))
    if settings.index.store == "elasticsearch":
        from sinks.elasticsearch import ElasticsearchStore

        elastic = ElasticsearchStore(settings.elasticsearch, names, config / "elasticsearch", threading.Event())
        try:
            yield elastic.signals(), elastic.cases()
        finally:
            elastic.close()
        return
    paths = [folder / FILE for folder in (state, state / "demo") if (folder / FILE).is_file()]
    if not paths:
        raise TreatywatchError(f"{state} holds no {FILE}: nothing was indexed there; name its folder with --state")
    store = SqliteStore(paths[0], names)
    try:
        yield store.signals(), store.cases()
    finally:
        store.close()
