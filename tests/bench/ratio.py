"""Measure by ratio: a reference and ours take turns in one run, and the quickest round of each counts.

What else the machine does makes rounds slower, never faster, so the quickest is the one to trust; and it is CPU time,
which a neighbour's work does not count into.
"""

from __future__ import annotations

import gc
import os
import resource
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

FULL = bool(os.environ.get("BENCH") or os.environ.get("NIGHTLY"))  # else a light, tolerant run beside the other tests
ROUNDS = 9 if FULL else 4
SLACK = 1.0 if FULL else 0.7  # of the goal, that a light run must reach


@dataclass(frozen=True, slots=True)
class Measured:
    """CPU seconds of the quickest round of each; `speed` is how many times as fast as the reference ours is."""

    reference: float
    ours: float

    @property
    def speed(self) -> float:
        """1 is as fast as the reference, 0.5 takes twice as long."""
        return self.reference / self.ours


def take_turns(reference: Callable[[], object], ours: Callable[[], object], rounds: int = ROUNDS) -> Measured:
    """Measure two functions in this process, round by round in turn."""
    took: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for times, work in zip(took, (reference, ours), strict=True):
            gc.collect()
            start = time.process_time()
            work()
            times.append(time.process_time() - start)
    return Measured(min(took[0]), min(took[1]))


def take_turns_as_commands(
    reference: Sequence[str], ours: Sequence[str], given: bytes, rounds: int = ROUNDS
) -> Measured:
    """Measure two commands from their start to their end, round by round in turn; both must end well."""
    took: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for times, command in zip(took, (reference, ours), strict=True):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run(command, input=given, stdout=subprocess.DEVNULL, check=True)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return Measured(min(took[0]), min(took[1]))
