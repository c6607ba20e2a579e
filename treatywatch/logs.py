"""Logging: events with fields, to standard error, as console lines or as JSON lines.

`log = structlog.get_logger()` in a module, `log.info("rejected", item=…, reason=…)` in code. Standard-library loggers
(Faust, Kafka clients, aiohttp) go through the same door. Secrets are never passed as fields.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable

import structlog

from treatywatch.settings import Log

SELDOM_SECONDS = 60.0

# Libraries that talk too much at their own level.
_QUIETER = {
    "kafka": "WARNING",
    "aiokafka": "WARNING",
    "faust": "WARNING",
    "mode": "WARNING",
    "aiohttp.access": "WARNING",
    "elastic_transport": "WARNING",
    "asyncio": "WARNING",
}


class Seldom(logging.Filter):
    """Lets each message of the Kafka clients through once in a while: they repeat it with every attempt to connect."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, seconds: float = SELDOM_SECONDS) -> None:
        super().__init__()
        self._clock, self._seconds = clock, seconds
        self._last: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Say whether a record is written; one message is told from another by its text before values are put in."""
        if record.name.partition(".")[0] not in ("kafka", "aiokafka"):
            return True
        message, now = (record.name, str(record.msg)), self._clock()
        if now - self._last.get(message, -self._seconds) < self._seconds:
            return False
        if len(self._last) > 1_000:
            self._last.clear()
        self._last[message] = now
        return True


def configure(settings: Log, role: str) -> None:
    """Set up logging for this process; called once, by the command line."""
    as_json = settings.format == "json" or (settings.format == "auto" and not sys.stderr.isatty())
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer]
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    handler.addFilter(Seldom())
    logging.basicConfig(handlers=[handler], level=settings.level.upper(), force=True)
    for name, level in _QUIETER.items():
        logging.getLogger(name).setLevel(max(logging.getLevelName(level), logging.getLevelName(settings.level.upper())))
    structlog.configure(
        processors=[
            *[p for p in shared if not isinstance(p, structlog.stdlib.ExtraAdder)],
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(settings.level.upper())),
    )
    structlog.contextvars.bind_contextvars(role=role)
