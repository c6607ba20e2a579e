"""Notice a consumer that lives but reads nothing: seen after a broker was killed while offsets were being committed.

Pure: told now and then what the group has committed and how far it is behind, it says when the group has not moved in
between although there is more to read. Joining the group anew is harmless, so a doubtful case is a new start.
"""

from __future__ import annotations

from collections.abc import Mapping

from sinks.lag import Lag


class StandStill:
    """Remembers what was seen last."""

    def __init__(self) -> None:
        self._before: Mapping[str, Lag] | None = None

    def moved(self) -> None:
        """Hear that records came."""
        self._before = None

    def seen(self, lags: Mapping[str, Lag]) -> bool:
        """Hear the lag by topic, after some time without a record; returns whether some topic stands still."""
        before, self._before = self._before, lags
        return before is not None and any(
            lag.behind > 0 and topic in before and before[topic].committed == lag.committed and before[topic].behind > 0
            for topic, lag in lags.items()
        )
