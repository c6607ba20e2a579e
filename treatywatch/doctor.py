"""Examine an installation the way an operator would: configuration, state folder, broker, topics, store."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import elasticsearch

from treatywatch import broker, whereabouts
from treatywatch.errors import ServerError, TreatywatchError
from treatywatch.locate import config_dir, state_dir
from treatywatch.settings import Settings, read_settings
from treatywatch.topic_admin import check_topics

LOW_SPACE = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `detail` says what was found, and what to do where it is not well."""

    what: str
    ok: bool
    detail: str


def examine(environment: Mapping[str, str]) -> list[Finding]:
    """Look at everything that can be looked at; what depends on a failed part is left out."""
    findings: list[Finding] = []

    def look(what: str, at: Callable[[], str]) -> bool:
        try:
            findings.append(Finding(what, True, at()))
        except (TreatywatchError, OSError) as error:
            findings.append(Finding(what, False, " · ".join(str(error).splitlines())))
        return findings[-1].ok

    settings, config = Settings(), Path()

    def configuration() -> str:
        nonlocal settings, config
        config = config_dir(environment.get("TREATYWATCH_CONFIG"))
        settings = read_settings(environment)
        return f"{config}; settings read"

    if not look("configuration", configuration):
        return findings
    look("feeds, treaties, lexicon, alert policy", lambda: _files(config))
    look("checksums", _crc32c)
    look("state folder", lambda: _state(state_dir(environment.get("TREATYWATCH_STATE"), environment)))
    if whereabouts.is_embedded(settings.kafka):
        look("broker", lambda: _embedded(settings, state_dir(environment.get("TREATYWATCH_STATE"), environment)))
    elif look("broker", lambda: _broker(settings)):
        look("topics", lambda: f"all there, {check_topics(settings.kafka)} partitions")
    if settings.index.store == "elasticsearch":
        look("store", lambda: _elasticsearch(settings))
    else:
        findings.append(Finding("store", True, "sqlite, in the state folder"))
    return findings


def _files(config: Path) -> str:
    from processors.detect.pipeline import load_detector
    from processors.track.advance import load_rules
    from treatywatch.feeds import load_feeds
    from treatywatch.history import load_history

    feeds = load_feeds(config / "feeds.yml")
    detector = load_detector(config)
    load_history(config, load_rules(config).register)
    return f"{len(feeds)} feeds, detector {detector.version}"


def _crc32c() -> str:
    if find_spec("crc32c") is None:
        raise TreatywatchError(
            "the package crc32c is missing: kafka-python is 20 times slower; install kafka-python[crc32c]"
        )
    return "in C"


def _state(folder: Path) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK):
        raise TreatywatchError(f"{folder} is not writable; choose another with --state")
    free = shutil.disk_usage(folder).free
    if free < LOW_SPACE:
        raise TreatywatchError(f"{folder} has only {free // 1_000_000} MB left")
    return f"{folder}, {free // 1_000_000_000} GB free"


def _embedded(settings: Settings, state: Path) -> str:
    try:
        kafka = whereabouts.reachable(settings.kafka, state)
    except ServerError:
        return "embedded: `treatywatch up` starts its own; none runs now"
    broker.admin(kafka).close()
    return f"embedded: `treatywatch up` runs, {check_topics(kafka)} partitions, at {kafka.bootstrap}"


def _broker(settings: Settings) -> str:
    client = broker.admin(settings.kafka)
    client.close()
    return f"answers at {settings.kafka.bootstrap}"


def _elasticsearch(settings: Settings) -> str:
    from sinks.elastic_client import check_server, connect, explain

    client = connect(settings.elasticsearch)
    try:
        version, _ = check_server(client)
    except (elasticsearch.ApiError, elasticsearch.TransportError) as error:
        raise explain(error, settings.elasticsearch.url) from error
    finally:
        client.close()
    return f"Elasticsearch {version} at {settings.elasticsearch.url}"
