"""Which transitions of a case people are to be told about: the one predicate behind the metric and the messages.

`track` decides severity and writes it into the record; this only reads it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from treatywatch.model import Case, Severity, Transition


def alertable(case: Case, now: datetime, hold: timedelta) -> tuple[Transition, ...]:
    """Return the case's transitions that are to be told and are younger than `hold`, oldest first, each id once.

    Age counts from `alertable_at`, the wall-clock instant at which `track` first wrote the transition as alertable. One
    from the future (a clock that runs ahead) is young.
    """
    found: dict[str, Transition] = {}
    for transition in case.transitions:
        if transition.alertable_at is None or transition.severity is Severity.NONE:
            continue
        if now - transition.alertable_at < hold:
            found.setdefault(transition.id, transition)
    return tuple(found.values())
