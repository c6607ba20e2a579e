"""Where a running `treatywatch up` can be reached: a small file in its state folder with the address of its broker.

The embedded broker takes a free port, so the commands for operators look here.
"""

from __future__ import annotations

from pathlib import Path

from treatywatch.errors import ServerError
from treatywatch.settings import Kafka

FILE = "broker"


def tell(state: Path, bootstrap: str) -> None:
    """Note the address of the broker that works for this state folder."""
    (state / FILE).write_text(bootstrap, encoding="utf-8")


def forget(state: Path) -> None:
    """Take the note away; harmless where there is none."""
    (state / FILE).unlink(missing_ok=True)


def is_embedded(kafka: Kafka) -> bool:
    """Say whether the settings leave the broker to `up`: embedded, and no address given."""
    return kafka.embedded and kafka.bootstrap == Kafka().bootstrap


def reachable(kafka: Kafka, state: Path) -> Kafka:
    """Return settings that reach the broker: as they are, or those of the `up` that runs on this state folder or demo.

    Raises ServerError where the broker is embedded and no `up` runs.
    """
    if not is_embedded(kafka):
        return kafka
    for folder in (state, state / "demo"):
        if (folder / FILE).is_file():
            return Kafka(bootstrap=(folder / FILE).read_text(encoding="utf-8").strip(), partitions=1)
    raise ServerError(
        f"no `treatywatch up` runs on {state}, and its broker is embedded; start it, name its folder with --state, "
        f"or set TREATYWATCH_KAFKA_EMBEDDED=false to use the Kafka at {kafka.bootstrap}"
    )
