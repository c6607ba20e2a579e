"""Commands that look at what is known: cases, now or as of a past moment, and the history behind them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from treatywatch.commands.options import ItemsOption, JsonOption, StateOption, configuration
from treatywatch.errors import TreatywatchError
from treatywatch.locate import state_dir
from treatywatch.model import Case, Signal

if TYPE_CHECKING:
    from treatywatch.history import Known
    from treatywatch.settings import Settings


def cases(
    case: Annotated[str | None, typer.Argument(metavar="[ID]", help="One case, PL:APMBC; default: all.")] = None,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="TIME", help="As known then: a day (its end, UTC) or an RFC 3339 time."),
    ] = None,
    items: ItemsOption = None,
    topics: Annotated[bool, typer.Option("--topics", help="From the topics; default: from the store.")] = False,
    as_json: JsonOption = False,
    state: StateOption = None,
) -> None:
    """Show cases, or one, as they are known now or were known at a past moment: by when their reports were seen.

    The day of an act plays no part: what was read late was not known on its day. From the topics every version of a
    report counts as long as it is kept there; the store has the last one, with what a withdrawn report said.
    """
    if items is not None and topics:
        raise typer.BadParameter("name one of --items FILE, --topics")
    settings, config = configuration("cases", quiet=True)
    moment = _moment(as_of) if as_of else None
    found = _cases(settings, config, state_dir(state), items, topics, moment)
    if case is not None:
        found = [one for one in found if one.id == case]
        if not found:
            when = f" as of {as_of}" if as_of else ""
            raise TreatywatchError(f"no case {case} is known{when}; `treatywatch cases` lists them")
    _show(found, config, as_json, one=case is not None)


def history(
    treaty: Annotated[str | None, typer.Option(help="Of one treaty: its id, APMBC, or a name.")] = None,
    actor: Annotated[str | None, typer.Option(help="Of one state: its code, FI, or its name.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Show exits, suspensions and returns that are known from before: the background of an alert."""
    from treatywatch.actors import load_actors
    from treatywatch.history import load_history
    from treatywatch.register import load_register

    _, config = configuration("history", quiet=True)
    register, actors = load_register(config), load_actors(config)

    def of_treaty(row: Known) -> bool:
        instrument = register.get(row.treaty)
        names = {row.treaty, row.instrument, row.group}
        if instrument is not None:
            names |= {instrument.name, instrument.official, *instrument.aliases, *instrument.acronyms}
        return treaty is None or treaty.casefold() in {name.casefold() for name in names if name}

    def of_actor(row: Known) -> bool:
        named = {name.casefold() for code in row.states for name in (code, actors.name(code))}
        return actor is None or actor.casefold() in named

    rows = [row for row in load_history(config, register) if of_treaty(row) and of_actor(row)]
    if as_json:
        for row in rows:
            print(json.dumps(row.model_dump(mode="json", exclude_none=True), ensure_ascii=False))
    else:
        _table(
            rows,
            lambda row: register.name(row.treaty, row.instrument or ""),
            lambda row: ", ".join(map(actors.name, row.states)) or row.group or "",
        )
    if not rows:
        raise TreatywatchError("nothing is known of that; `treatywatch history` lists everything")


def _moment(written: str) -> datetime:
    from treatywatch.item_lines import read_date

    moment = read_date(written)
    if moment is None:
        raise typer.BadParameter(f"--as-of {written}: no RFC 3339 time or YYYY-MM-DD")
    return moment if "T" in written or " " in written.strip() else moment + timedelta(days=1, microseconds=-1)


def _cases(
    settings: Settings, config: Path, state: Path, items: str | None, topics: bool, moment: datetime | None
) -> list[Case]:
    from processors.track.advance import load_rules
    from processors.track.as_of import known_at, published, record_at
    from processors.track.dating import first_seen
    from processors.track.supersede import redirect
    from treatywatch.commands.replays import Run
    from treatywatch.commands.sources import from_store, from_topics
    from treatywatch.whereabouts import reachable

    rules = load_rules(config)
    if items is not None:
        from processors.replay import final

        records = final(Run(settings, config, state, None).from_items(items))
        if moment is None:
            return records
        return [found for record in records if (found := record_at(record, moment, rules))]
    kept = from_topics(reachable(settings.kafka, state)) if topics else from_store(settings, config, state)
    if moment is None:
        return [case for _, case in sorted(kept.cases.items()) if case.superseded_by is None]
    seen = published if settings.process.clock == "published" else first_seen
    told: dict[str, list[Signal]] = {}
    for sent in kept.signals:
        signal = redirect(sent.signal, rules.register)
        told.setdefault(signal.case_id, []).append(signal)
    return [found for _, given in sorted(told.items()) if (found := known_at(given, moment, rules, seen))]


def _show(found: Sequence[Case], config: Path, as_json: bool, *, one: bool) -> None:
    from rich.console import Console

    from processors.track.lines import case_line
    from treatywatch.actors import load_actors
    from treatywatch.register import load_register
    from treatywatch.screen import Screen

    if as_json:
        for case in found:
            print(json.dumps(case_line(case), ensure_ascii=False, separators=(",", ":")))
        return
    screen = Screen(Console(), load_register(config), load_actors(config))
    screen.cases(found)
    if one:
        screen.steps(found[0])


def _table(rows: Iterable[Known], treaty: Callable[[Known], str], states: Callable[[Known], str]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(title="Known from before", title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for column in ("state", "instrument", "outcome", "steps", "certainty"):
        table.add_column(column)
    for row in rows:
        steps = ", ".join(f"{step.stage} {step.written}{' (ahead)' * step.scheduled}" for step in row.told)
        cells = (states(row), treaty(row), row.outcome.value, steps, row.confidence.value)
        table.add_row(*map(escape, cells))
    Console().print(table)
