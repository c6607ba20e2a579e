"""Commands for whoever runs treatywatch: topics, setup, lag, doctor, health."""

from __future__ import annotations

import json
import os
from typing import Annotated

import typer

from treatywatch.commands.options import JsonOption, StateOption, configuration, stop_event
from treatywatch.errors import TreatywatchError
from treatywatch.locate import state_dir
from treatywatch.whereabouts import reachable


def topics(
    state: StateOption = None,
    check: Annotated[bool, typer.Option("--check", help="Only compare, create nothing.")] = False,
    change: Annotated[bool, typer.Option("--change", help="Mend configuration that differs.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Create the topics, or check them; what is there is changed only with --change."""
    from treatywatch.topic_admin import check_topics, ensure_topics

    settings, _ = configuration("topics", quiet=True)
    if check and change:
        raise typer.BadParameter("--check only compares; leave out --change")
    kafka = reachable(settings.kafka, state_dir(state))
    if check:
        check_topics(kafka)  # raises where one is missing, so that the next line creates none
    states = ensure_topics(kafka, change)
    if as_json:
        rows = [
            {
                "topic": s.topic.name,
                "created": s.created,
                "changed": s.changed,
                "partitions": s.partitions,
                "differences": s.differences,
            }
            for s in states
        ]
        print(json.dumps(rows))
    else:
        for s in states:
            word = "created" if s.created else "changed" if s.changed else "differs" if s.differences else "fits"
            print(f"{s.topic.name}: {word}, {s.partitions} partitions" + "".join(f"\n    {d}" for d in s.differences))
    if any(s.differences and not s.changed for s in states):
        raise typer.Exit(1)


def setup() -> None:
    """Prepare Elasticsearch: templates, indices and aliases. Running it twice changes nothing."""
    from sinks.setup_elasticsearch import set_up

    settings, config = configuration("setup")
    for line in set_up(settings.elasticsearch, config / "elasticsearch", stop_event()):
        print(line)


def lag(as_json: JsonOption = False, state: StateOption = None) -> None:
    """Show how far each consumer group is behind."""
    from sinks.lag import LagMeter

    settings, _ = configuration("lag", quiet=True)
    meter = LagMeter(reachable(settings.kafka, state_dir(state)))
    try:
        rows = meter.measure()
    finally:
        meter.close()
    if as_json:
        print(
            json.dumps(
                [
                    {"group": group, "topic": topic, "records": found.behind, "committed": found.committed}
                    for (group, topic), found in rows.items()
                ]
            )
        )
        return
    if not rows:
        print("no consumer group of ours has committed anything yet")
    for (group, topic), found in rows.items():
        print(f"{group:32} {topic:28} {found.behind:>10,} behind")


def doctor(as_json: JsonOption = False) -> None:
    """Check configuration, state folder, broker, topics and store; one line each, exit status 1 if one is not well."""
    from treatywatch.doctor import examine

    findings = examine(os.environ)
    if as_json:
        print(json.dumps([{"what": f.what, "ok": f.ok, "detail": f.detail} for f in findings], ensure_ascii=False))
    else:
        for f in findings:
            print(f"{'ok  ' if f.ok else 'FAIL'} {f.what}: {f.detail}")
    if not all(f.ok for f in findings):
        raise typer.Exit(1)


def health(role: Annotated[str, typer.Argument(help="process, index, metrics, notify, live or produce.")]) -> None:
    """Ask one role whether it is well; exit status 0 if it is."""
    from treatywatch.health import address, ask
    from treatywatch.roles import ROLES

    settings, _ = configuration("health", quiet=True)
    if role not in {r.name for r in ROLES}:
        raise typer.BadParameter(f"no role '{role}'; there are {', '.join(r.name for r in ROLES)}")
    url = address(role, settings)
    fault = f"{role} serves nothing to ask: set TREATYWATCH_METRICS_PORT" if url is None else ask(url)
    if fault:
        raise TreatywatchError(fault)
