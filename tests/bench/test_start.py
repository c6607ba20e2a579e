"""`treatywatch detect` starts in little more than the time that its libraries take to load, and loads no others."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

from tests.bench.page import Figure
from tests.bench.ratio import SLACK, take_turns_as_commands
from tests.bench.stream import item_lines

GOAL = 2.0
LIBRARIES = """
import ahocorasick_rs, msgspec, structlog, typer, yaml
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic.fields import FieldInfo
class Section(BaseModel):
    name: str = Field("")
"""
STRANGERS = {
    "aiohttp", "aiokafka", "confluent_kafka", "elastic_transport", "elasticsearch", "faust", "feedparser", "kafka",
    "mode", "nh3", "prometheus_client", "sinks", "stamina", "tldextract", "trafilatura", "w3lib",
}  # fmt: skip
DETECT = """
import sys
from treatywatch.cli import main
sys.argv = ["treatywatch", "detect"]
try:
    main()
finally:
    print(*sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""


def test_start_takes_at_most_twice_the_time_of_its_libraries(figure: Callable[[Figure], None]) -> None:
    """From the start of the interpreter to the answer to one line, configuration read."""
    (line,) = item_lines(1)
    found = take_turns_as_commands(
        [sys.executable, "-c", LIBRARIES], [sys.executable, "-m", "treatywatch", "detect"], line
    )
    figure(
        Figure("start of `treatywatch detect`", "loading its libraries", f"{1 / found.speed:.2f} of its time", "≤ 2")
    )
    assert 1 / found.speed <= GOAL / SLACK


def test_start_loads_no_library_that_detect_does_not_need() -> None:
    """No broker, no store, no HTTP, no feeds."""
    (line,) = item_lines(1)
    done = subprocess.run([sys.executable, "-c", DETECT], input=line, capture_output=True, check=True)
    loaded = set(done.stderr.decode().split())
    assert {"processors", "msgspec"} <= loaded
    assert not loaded & STRANGERS
