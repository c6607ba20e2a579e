"""Typed settings: defaults < file (`treatywatch.yml` in the configuration folder) < environment.

Every field `section.name` can be set as `TREATYWATCH_SECTION_NAME`, and as `TREATYWATCH_SECTION_NAME_FILE` with the
path of a file that holds the value (for secrets). This is the only module that reads the environment. All faults are
raised at once, each naming the file and line or the variable. Why not pydantic-settings: it cannot name the line of a
fault, nor a misspelt variable.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Field, SecretStr, ValidationError

from treatywatch.config import Strict, is_secret, load, nearest
from treatywatch.errors import ConfigError
from treatywatch.locate import config_dir

PREFIX = "TREATYWATCH_"
_FOLDERS = ("TREATYWATCH_CONFIG", "TREATYWATCH_STATE")  # read before the file can be found


class Kafka(Strict):
    """How to reach the broker."""

    embedded: bool = Field(
        True, description="`treatywatch up` starts a broker of its own; false uses the one at kafka.bootstrap"
    )
    bootstrap: str = Field("127.0.0.1:9092", description="host:port of the broker, several separated by commas")
    security_protocol: Literal["PLAINTEXT", "SASL_PLAINTEXT", "SASL_SSL", "SSL"] = Field(
        "PLAINTEXT", description="how to talk to the broker"
    )
    sasl_username: str | None = Field(None, description="user for SASL/PLAIN")
    sasl_password: SecretStr | None = Field(None, description="password for SASL/PLAIN")
    ca_file: str | None = Field(None, description="PEM file of the authority that signed the broker's certificate")
    partitions: int = Field(
        4, ge=1, le=64, description="partitions of a topic when it is created; bounds the number of workers"
    )
    replication: int = Field(1, ge=1, le=5, description="replicas of a topic when it is created")
    session_timeout_seconds: float = Field(
        10.0, ge=2, le=60, description="after this long without a sign a dead worker's partitions go to another"
    )
    fetch_wait_ms: int = Field(500, ge=5, le=5000, description="how long the broker may hold an empty fetch of a sink")


class Process(Strict):
    """The Faust worker."""

    clock: Literal["wall", "published"] = Field(
        "wall",
        description="`now` for cases: the wall clock, or the latest published date read (a replayed past)",
    )
    commit_seconds: float = Field(1.0, gt=0.1, le=30, description="how often offsets are committed")
    stop_seconds: float = Field(
        10.0, gt=0, description="a worker that has not ended this long after SIGTERM leaves the hard way"
    )


class Elasticsearch(Strict):
    """How to reach Elasticsearch."""

    url: str = Field("http://127.0.0.1:9200", description="address of Elasticsearch")
    username: str = Field("treatywatch", description="user of the indexer")
    password: SecretStr | None = Field(None, description="password of that user")
    ca_file: str | None = Field(None, description="PEM file of the authority that signed its certificate")


class Index(Strict):
    """The store that signals and cases are written to."""

    store: Literal["sqlite", "elasticsearch"] = Field("sqlite", description="where `treatywatch index` writes")
    batch: int = Field(500, ge=1, le=5000, description="most records in one write")


class Notify(Strict):
    """Who is told, and by what."""

    source: Literal["cases", "alertmanager"] = Field(
        "cases", description="what feeds notify: the cases topic (embedded) or Alertmanager's webhook (full stack)"
    )
    host: str = Field("127.0.0.1", description="address that notify listens on for Alertmanager")
    port: int = Field(
        8752, ge=0, le=65535, description="port that notify listens on for Alertmanager; 0 takes a free one"
    )
    webhooks: tuple[str, ...] = Field(
        (), repr=False, description="URLs that get a JSON message per alert; in the environment separated by commas"
    )
    terminal: bool = Field(True, description="print each alert as a line on standard output")
    link_base: str = Field("http://127.0.0.1:8750", description="address of the live page, for the links in messages")
    hold_hours: float = Field(
        168.0,
        gt=0,
        description="an alert older than this is not sent any more (a new sent log must not repeat history)",
    )
    timeout_seconds: float = Field(10.0, gt=0, description="how long a webhook may take")


class Live(Strict):
    """The live page."""

    host: str = Field("127.0.0.1", description="address the live page listens on")
    port: int = Field(8750, ge=0, le=65535, description="port of the live page")


class Metrics(Strict):
    """Prometheus metrics of each role."""

    host: str = Field("127.0.0.1", description="address that metrics are served on")
    port: int = Field(
        0,
        ge=0,
        le=65535,
        description="port that a role serves its metrics on; 0 serves none (the metrics role then uses 8751)",
    )


class Produce(Strict):
    """The feed producers."""

    contact: str = Field(
        "https://github.com/treatywatch/treatywatch",
        description="address in the user agent, where a publisher can reach whoever runs this",
    )
    min_interval_seconds: float = Field(
        900.0, ge=1, description="a feed is not polled more often than this unless feeds.yml says otherwise"
    )
    max_interval_seconds: float = Field(3600.0, ge=1, description="a feed is polled at least this often")
    breaking_min_interval_seconds: float = Field(
        300.0, ge=1, description="the same as min_interval_seconds for breaking news (see `breaking` in feeds.yml)"
    )
    breaking_max_interval_seconds: float = Field(900.0, ge=1, description="a breaking-news feed, at least this often")
    breaking_allowed_interval_seconds: float = Field(
        60.0,
        ge=1,
        description="a breaking-news feed that calls itself fresh for less than breaking_min_interval_seconds (ttl, "
        "Cache-Control) is polled as often as it says, but not more often than this",
    )
    timeout_seconds: float = Field(30.0, gt=0, description="how long one fetch may take in all")
    max_body_bytes: int = Field(
        5_000_000, ge=1000, description="a feed larger than this after decompression is a failure"
    )
    parse_seconds: float = Field(
        10.0, gt=0, description="how long the reading of one body may take; it is done in a process of its own"
    )
    parse_memory_bytes: int = Field(
        150_000_000, ge=20_000_000, description="how much memory the reading of one body may take"
    )
    probe_every: int = Field(
        24,
        ge=1,
        description="after so many 304 in a row a feed is asked for the whole, to find out whether they are true",
    )
    full_text: bool = Field(
        False,
        description="read the pages of new items too, where robots.txt and TDM reservations allow it; feeds.yml can "
        "say otherwise for a feed. Needs `pip install 'treatywatch[fulltext]'`",
    )
    full_text_characters: int = Field(
        4_000, ge=200, le=20_000, description="characters of a page's text that are added to an item's summary"
    )
    mailbox: str | None = Field(
        None,
        description="Maildir, or folder of .eml files, with the UN Treaty Collection's depositary notifications; "
        "it is only read. Give it an address of its own: every other mail in it becomes a dead letter",
    )
    mailbox_seconds: float = Field(60.0, ge=0.1, description="how often the mailbox is looked into")
    mailbox_from: tuple[str, ...] = Field(
        ("un.org",),
        description="domains whose mails are taken, with what is below them; in the environment separated by commas",
    )
    mailbox_authority: str | None = Field(
        None,
        description="name of your own mail server as it stands in its Authentication-Results: only mails that it found "
        "to be signed (DKIM or DMARC) by the domain of their From are taken. Without it the From alone is compared, "
        "which anybody can write",
    )


class Log(Strict):
    """Log output on standard error."""

    format: Literal["auto", "console", "json"] = Field(
        "auto", description="auto is console on a terminal, else JSON lines"
    )
    level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="least severe level that is written"
    )


class Settings(Strict):
    """All settings of treatywatch, by section."""

    kafka: Kafka = Kafka()
    process: Process = Process()
    elasticsearch: Elasticsearch = Elasticsearch()
    index: Index = Index()
    notify: Notify = Notify()
    live: Live = Live()
    metrics: Metrics = Metrics()
    produce: Produce = Produce()
    log: Log = Log()


def variables() -> Iterator[tuple[str, str, str]]:
    """Yield (variable, section, field) for every setting, in order."""
    for section, field in Settings.model_fields.items():
        model = field.annotation
        assert isinstance(model, type)
        assert issubclass(model, BaseModel)
        for name in model.model_fields:
            yield f"{PREFIX}{section.upper()}_{name.upper()}", section, name


def read_settings(environment: Mapping[str, str] = os.environ, file: Path | None = None) -> Settings:
    """Read settings from `file` (default: treatywatch.yml in the configuration folder, if there) and the environment.

    Raises ConfigError with every fault.
    """
    faults: list[str] = []
    if file is None:
        candidate = config_dir(environment.get("TREATYWATCH_CONFIG")) / "treatywatch.yml"
        file = candidate if candidate.is_file() else None
    base = Settings()
    if file is not None:
        try:
            base = load(file, Settings)
        except ConfigError as error:
            faults += error.faults
    values: dict[str, dict[str, Any]] = {section: dict(getattr(base, section)) for section in Settings.model_fields}
    known = {variable: (section, name) for variable, section, name in variables()}
    origin: dict[tuple[str, str], str] = {}
    for variable, text in environment.items():
        if not variable.startswith(PREFIX) or variable in _FOLDERS:
            continue
        plain = variable.removesuffix("_FILE") if variable not in known else variable
        if plain not in known:
            faults.append(f"environment: unknown variable {variable}{nearest(variable, known)}")
            continue
        if plain != variable:
            if plain in environment:
                faults.append(f"environment: both {plain} and {variable} are set; keep one")
                continue
            try:
                text = Path(text).read_text(encoding="utf-8").rstrip("\n")
            except (OSError, UnicodeDecodeError) as error:
                faults.append(f"environment: {variable}={text}: cannot be read: {error}")
                continue
        section, name = known[plain]
        origin[section, name] = variable
        annotation = str(_model(section).model_fields[name].annotation)
        values[section][name] = (
            [part.strip() for part in text.split(",") if part.strip()] if annotation.startswith("tuple") else text
        )
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        for fault in error.errors(include_url=False):
            where = fault["loc"][:2]
            section, name = str(where[0]), str(where[1])
            shown = "a secret" if is_secret(_model(section).model_fields[name]) else repr(str(fault["input"])[:80])
            faults.append(
                f"environment: {origin.get((section, name), f'{section}.{name}')}: {fault['msg']} (got {shown})"
            )
        settings = base
    if faults:
        raise ConfigError(faults)
    return settings


def _model(section: str) -> type[BaseModel]:
    model = Settings.model_fields[section].annotation
    assert isinstance(model, type)
    assert issubclass(model, BaseModel)
    return model
