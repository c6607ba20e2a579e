"""A broker for tests of the producers: a list per topic, which can be away, and can be killed between two steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from producers.state import Outgoing, Placed
from treatywatch.errors import ServerError
from treatywatch.model import Item
from treatywatch.topics import ITEMS
from treatywatch.wire import decode


@dataclass
class FakeBroker:
    """Keeps what it is sent; `away` sends in a row are refused first."""

    away: int = 0
    kept: dict[str, list[Outgoing]] = field(default_factory=dict)
    connections: int = 0

    def connect(self) -> FakeBroker:
        """Make a connection."""
        self.connections += 1
        return self

    def send(self, records: Sequence[Outgoing]) -> list[Placed]:
        """Keep the records, or refuse them all."""
        if self.away:
            self.away -= 1
            raise ServerError("away")
        places = []
        for record in records:
            topic = self.kept.setdefault(record.topic, [])
            topic.append(record)
            places.append(Placed(record.topic, 0, len(topic) - 1))
        return places

    def find(self, records: Sequence[Outgoing], since: Mapping[tuple[str, int], int]) -> list[Placed | None]:
        """Say where each record is, from the given offsets on."""
        return [self._place(record, since.get((record.topic, 0), 0)) for record in records]

    def _place(self, record: Outgoing, since: int) -> Placed | None:
        kept = self.kept.get(record.topic, [])
        return next((Placed(record.topic, 0, n) for n in range(since, len(kept)) if kept[n] == record), None)

    def close(self) -> None:
        """Nothing to close."""

    def items(self) -> list[Item]:
        """Return the items that arrived, in order."""
        return [decode(record.value, Item) for record in self.kept.get(ITEMS.name, [])]
