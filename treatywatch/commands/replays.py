"""The command replay: read items again with today's rules, show what would change, and publish it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from treatywatch.commands.options import ItemsOption, JsonOption, StateOption, configuration
from treatywatch.errors import TreatywatchError
from treatywatch.locate import state_dir
from treatywatch.model import Case, Signal
from treatywatch.settings import Kafka, Settings
from treatywatch.whereabouts import reachable

if TYPE_CHECKING:
    from treatywatch.commands.sources import Kept

EXIT_DIFFERENT = 4  # with --diff: today's rules would tell something else

AGAINST = "topics, store, or a FILE of transition lines"


def replay(
    items: ItemsOption = None,
    topics: Annotated[bool, typer.Option("--topics", help="Read the items that the topic keeps.")] = False,
    store: Annotated[
        bool, typer.Option("--store", help="Track the signals of the store again; it keeps no items to detect in.")
    ] = False,
    as_json: JsonOption = False,
    transitions: Annotated[
        bool, typer.Option("--transitions", help="One line per transition as it happens, not per case.")
    ] = False,
    now: Annotated[
        str | None, typer.Option(metavar="TIME", help="Take this as now; default: the latest published read so far.")
    ] = None,
    diff: Annotated[
        bool, typer.Option("--diff", help="Show which alerts differ from those sent; exit status 4 if any does.")
    ] = False,
    against: Annotated[
        str | None, typer.Option(metavar="WHAT", help=f"What was sent: {AGAINST}; default: where the items are.")
    ] = None,
    apply: Annotated[
        bool, typer.Option("--apply", help="Publish the difference under a new detector generation; asks first.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before --apply publishes.")] = False,
    alert: Annotated[
        bool, typer.Option("--alert", help="Tell people what --apply publishes; else it is back-filled.")
    ] = False,
    jobs: Annotated[
        int | None, typer.Option("--jobs", metavar="N", min=1, help="Processes that detect; default: one a core.")
    ] = None,
    state: StateOption = None,
) -> None:
    """Detect and track again with today's rules; one line per case at the end, or what differs from what was sent.

    From item lines (--items) no broker is needed. From the topics no consumer group is joined, so nothing that runs is
    disturbed, and the result is the live path's, event for event. Exit status: 0 done, 1 a line could not be read, 4
    --diff found differences (not after --apply), 75 a server cannot be used.
    """
    if [items is not None, topics, store].count(True) != 1:
        raise typer.BadParameter("name one of --items FILE, --topics, --store")
    if alert and not apply:
        raise typer.BadParameter("--alert says how --apply publishes; it goes with it")
    if now and (topics or store):
        raise typer.BadParameter("--now goes with --items: what was sent has its own times")
    settings, config = configuration("replay", quiet=True)
    run = Run(settings, config, state_dir(state), jobs)
    if diff or apply or against:
        _differ(run, items, "topics" if topics else "store" if store else None, against, as_json, apply, yes, alert)
        return
    written = run.from_items(items, now) if items is not None else run.from_kept("topics" if topics else "store")
    _show(run, written, as_json, transitions)
    if run.bad:
        raise typer.Exit(1)


@dataclass
class Run:
    """One replay: where it reads, and what it has read."""

    settings: Settings
    config: Path
    state: Path
    jobs: int | None
    kept: Kept | None = None
    bad: int = 0
    signals: list[Signal] = field(default_factory=list)  # today's
    read: dict[str, int] = field(default_factory=dict)  # item -> its highest revision, of those asked for

    @property
    def kafka(self) -> Kafka:
        """The broker; raises ServerError where there is none."""
        return reachable(self.settings.kafka, self.state)

    def sent(self, where: str) -> Kept:
        """Return what was sent, read once."""
        if self.kept is None:
            from treatywatch.commands.bar import bar
            from treatywatch.commands.sources import from_store, from_topics

            if where == "store":
                self.kept = from_store(self.settings, self.config, self.state)
            else:
                with bar() as show:
                    self.kept = from_topics(self.kafka, show)
        return self.kept

    def from_items(self, path: str, now: str | None = None, keep: frozenset[str] | None = None) -> Iterator[Case]:
        """Replay a file of item lines; with `keep` the signals, and the revisions of these items, are noted."""
        from processors.replay import Heard, track
        from processors.reread import Lines, read_all
        from processors.track.advance import load_rules
        from producers.files import lines
        from treatywatch.commands.bar import bar
        from treatywatch.item_lines import read_date

        moment = read_date(now) if now else None
        if now and moment is None:
            raise typer.BadParameter(f"--now {now}: no RFC 3339 time or YYYY-MM-DD")
        rules = load_rules(self.config)

        def heard() -> Iterator[Heard]:
            with bar() as show, lines(path, lambda part: show(path, round(part * 1000), 1000)) as stream:
                whole = (line.rstrip(b"\r\n") for line in stream)
                for said in read_all(
                    whole, self.config, Lines(path, datetime.now(UTC)), self.jobs, keep or frozenset()
                ):
                    for warning in said.warnings:
                        print(f"treatywatch: replay: {warning}", file=sys.stderr)
                    if said.reason:
                        self.bad += 1
                        print(f"treatywatch: replay: {said.reason}: {said.error}", file=sys.stderr)
                        continue
                    if keep is not None:
                        self.read[said.item] = max(said.revision, self.read.get(said.item, 0))
                        self.signals += said.signals
                    yield Heard(said.published, said.signals)

        return track(heard(), rules, moment)

    def from_kept(self, where: str) -> Iterator[Case]:
        """Replay the topics, or track the store's signals again: in the order in which they were sent."""
        from processors.replay import Heard, track
        from processors.sending import in_order
        from processors.track.advance import load_rules
        from processors.track.supersede import redirect

        rules = load_rules(self.config)
        kept = self.sent(where)
        found = self._items_of_topic(kept) if where == "topics" else _of_store(kept)
        self.signals = [redirect(signal, rules.register) for _, signal in found]
        published = self.settings.process.clock == "published"
        heard = in_order(found, kept.signals if where == "topics" else (), published=published)
        if not published:
            heard.append(Heard(datetime.now(UTC)))
        return track(heard, rules)

    def _items_of_topic(self, kept: Kept) -> list[tuple[datetime, Signal]]:
        from collections import deque

        from processors.reread import Records, read_all
        from treatywatch.commands.bar import bar
        from treatywatch.topics import ITEMS
        from treatywatch.whole_topic import whole_topic

        times: deque[datetime] = deque()
        found: list[tuple[datetime, Signal]] = []
        with bar() as show:

            def values() -> Iterator[bytes]:
                for record in whole_topic(self.kafka, ITEMS, lambda done, total: show("items", done, total)):
                    times.append(record.at)
                    yield record.value

            first = 0
            for said in read_all(values(), self.config, Records(), self.jobs, frozenset(kept.items.values())):
                while first < said.place:
                    times.popleft()
                    first += 1
                if said.reason:
                    continue  # detect made a dead letter of it
                self.read[said.item] = max(said.revision, self.read.get(said.item, 0))
                found += ((times[0], signal) for signal in said.signals)
        return found


def _of_store(kept: Kept) -> list[tuple[datetime, Signal]]:
    from processors.track.as_of import versions
    from processors.track.dating import first_seen

    never = datetime.min.replace(tzinfo=UTC)
    return [(first_seen(signal) or never, signal) for signal in versions(sent.signal for sent in kept.signals)]


def _show(run: Run, written: Iterable[Case], as_json: bool, transitions: bool) -> None:
    from rich.console import Console

    from processors.replay import final
    from processors.track.lines import case_line, transition_line
    from treatywatch.actors import load_actors
    from treatywatch.register import load_register
    from treatywatch.screen import Screen

    screen = Screen(Console(), load_register(run.config), load_actors(run.config))
    if transitions:
        for case in written:
            if case.changed is not None and as_json:
                _print(transition_line(case))
            elif case.changed is not None:
                screen.transition(case)
    elif as_json:
        for case in final(written):
            _print(case_line(case))
    else:
        screen.cases(final(written))
    sys.stdout.flush()


def _print(line: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")


def _differ(
    run: Run,
    items: str | None,
    where: str | None,
    against: str | None,
    as_json: bool,
    apply: bool,
    yes: bool,
    alert: bool,
) -> None:
    from processors.difference import alerts, compare, corrections
    from treatywatch.commands.difference_table import line, show
    from treatywatch.commands.transition_lines import read_alerts

    target = against or where or "topics"
    file = None if target in ("topics", "store") else Path(target)
    if apply and file is not None:
        raise typer.BadParameter("--apply needs the signals that were sent: compare with topics or store")
    if where and target != where and file is None:
        raise typer.BadParameter(f"--{where} replays what was sent; compare it with {where} or with a file")
    from treatywatch.commands.sources import Kept

    kept = Kept() if file else run.sent(target)
    if items is not None:
        written = list(run.from_items(items, keep=frozenset(kept.items.values())))
    else:
        written = list(run.from_kept(where or target))
    today = alerts(
        ((case.id, (case.changed,)) for case in written if case.changed and not case.superseded_by),
        {signal.id: signal.item for signal in run.signals},
    )
    sent = read_alerts(file) if file else alerts(kept.transitions.items(), kept.items)
    comparison = compare(sent, today)
    signals = corrections((one.signal for one in kept.signals), run.signals, run.read, alert=alert) if not file else ()
    if as_json:
        for difference in comparison.differences:
            _print(line(difference))
    else:
        show(run.config, comparison, len(signals) if not file else None)
    sys.stdout.flush()
    if apply:
        _apply(run, signals, yes, alert)
    elif run.bad:
        raise typer.Exit(1)
    elif comparison.differences:
        raise typer.Exit(EXIT_DIFFERENT)


def _apply(run: Run, signals: tuple[Signal, ...], yes: bool, alert: bool) -> None:
    from treatywatch import broker, wire
    from treatywatch.topics import SIGNALS

    if not signals:
        print("replay: no signal differs; nothing to publish", file=sys.stderr)
        return
    told = "people are told of what is new" if alert else "nobody is told"
    question = f"Publish {len(signals)} signals under detector generation {signals[0].generation}? {told}."
    if not yes and not typer.confirm(question, err=True):
        raise TreatywatchError("nothing was published")
    producer = broker.producer(run.kafka)
    try:
        pending = [producer.send(SIGNALS.name, key=s.case_id.encode(), value=wire.encode(s)) for s in signals]
        producer.flush(120)
        for future in pending:
            future.get(timeout=120)
    finally:
        producer.close()
    print(f"replay: {len(signals)} signals published; {told}", file=sys.stderr)
