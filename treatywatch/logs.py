"""Logging: events with fields, to standard error, as console lines or as JSON lines.

`log = structlog.get_logger()` in a module, `log.info("rejected", item=…, reason=…)` in code. Standard-library loggers
(Faust, Kafka clients, aiohttp) go through the same door. Secrets are never passed as fields.
"""

from __future__ import annotations

import logging
import sys

import structlog

from treatywatch.settings import Log

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
