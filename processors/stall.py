"""Notice a worker that lives but does not move: some states of Faust read nothing, raise nothing and never end.

Pure: told at intervals where each partition of this worker ends and where the worker stands, it says when one of them
has stood still too long although there is more to read. Leaving is harmless (what was not committed is read again), so
a doubtful case is a restart, not an alarm.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

STALL_SECONDS = 45.0  # longer than any rebalance with a dead member
UNASSIGNED_SECONDS = 90.0

Place = tuple[str, int]  # topic, partition


@dataclass
class StallWatch:
    """What was seen last. `seconds` in the methods is a monotonic clock."""

    since: dict[Place, tuple[int, float]] = field(default_factory=dict)  # place -> position, since when it stands there
    unassigned_since: float | None = None

    def unassigned(self, seconds: float) -> bool:
        """Hear that no assignment is complete; returns whether that has lasted too long."""
        self.since.clear()
        if self.unassigned_since is None:
            self.unassigned_since = seconds
        return seconds - self.unassigned_since > UNASSIGNED_SECONDS

    def assigned(self, position: Mapping[Place, int], ends: Mapping[Place, int], seconds: float) -> Place | None:
        """Hear where this worker's partitions stand; returns one that has stood still too long with more to read."""
        self.unassigned_since = None
        self.since = {place: at for place, at in self.since.items() if place in position}
        for place, here in position.items():
            stood = self.since.get(place)
            if stood is None or stood[0] != here or ends.get(place, 0) <= here:
                self.since[place] = (here, seconds)
            elif seconds - stood[1] > STALL_SECONDS:
                return place
        return None
