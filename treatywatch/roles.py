"""The process table: one row per role, the same under `treatywatch up` and as compose services."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Role:
    """One role and the command that runs it; `does` is its line in help texts and documentation."""

    name: str
    command: tuple[str, ...]
    does: str


ROLES = (
    Role("process", ("treatywatch", "process"), "the Faust worker: items -> signals -> cases"),
    Role("index", ("treatywatch", "index"), "writes signals and cases to the store"),
    Role("metrics", ("treatywatch", "metrics"), "exposes the transitions that alerts key off"),
    Role("notify", ("treatywatch", "notify"), "tells people, once"),
    Role("live", ("treatywatch", "live"), "the live page"),
    Role("produce", ("treatywatch", "produce"), "polls the feeds and publishes items"),  # last: all others are ready
)
