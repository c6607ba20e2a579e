"""Rules that every service of docker-compose.yml keeps; each returns what breaks it, in words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
IMAGE = "treatywatch:"

Service = Mapping[str, Any]  # what YAML holds: only the checks below know its form

_SECRET_NAME = re.compile(r"PASSWORD|SECRET|TOKEN|ENCRYPTION|API_?KEY|WEBHOOKS")
_BY_FILE = re.compile(r"_FILE$")
_LISTENS = re.compile(r"TREATYWATCH_\w+_HOST|SERVER_HOST|network\.host|GF_SERVER_HTTP_ADDR")
_EVERYWHERE = re.compile(r"0\.0\.0\.0|\[::\]|(?<![\w:])::(?![\w:])")


def compose() -> dict[str, Any]:
    """Read docker-compose.yml, merges resolved."""
    found: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return found


def services() -> dict[str, Service]:
    """Return the services by name."""
    return dict(compose()["services"])


def one_shot(service: Service) -> bool:
    """Whether a service does its work and ends."""
    return service.get("restart") == "no"


def faults(service: Service, secrets: Mapping[str, Any]) -> list[str]:
    """Return everything that is wrong with one service."""
    return [*_image(service), *_ports(service), *_mounts(service), *_secrets(service, secrets), *_safety(service)]


def _image(service: Service) -> Iterator[str]:
    name, _, tag = str(service.get("image", "")).rpartition(":")
    if not name or not re.fullmatch(r"v?\d+\.\d+\.\d+(@sha256:[0-9a-f]{64})?", tag):
        yield f"image {service.get('image')} is not pinned to a full version"


def _ports(service: Service) -> Iterator[str]:
    for port in service.get("ports", ()):
        if not re.fullmatch(r"127\.0\.0\.1:\d+:\d+", str(port)):
            yield f"port {port} is not bound to 127.0.0.1"
    if _EVERYWHERE.search(repr(dict(service))):
        yield "something listens on every address"
    for name, value in service.get("environment", {}).items():
        if _LISTENS.fullmatch(name) and value != service.get("hostname"):
            yield f"{name}={value} is not the container's own name"


def _mounts(service: Service) -> Iterator[str]:
    for mount in service.get("volumes", ()):
        source, _target, *options = str(mount).split(":")
        if source.startswith("."):
            if not (ROOT / source).exists():
                yield f"{source} is mounted and does not exist"
            if options != ["ro"]:
                yield f"{source} is mounted writable"
        elif source not in compose()["volumes"]:
            yield f"volume {source} is not declared"


def _secrets(service: Service, declared: Mapping[str, Any]) -> Iterator[str]:
    has = set(service.get("secrets", ()))
    for secret in has - set(declared):
        yield f"secret {secret} is not declared"
    for name, value in service.get("environment", {}).items():
        if _BY_FILE.search(name):
            if str(value).removeprefix("/run/secrets/") not in has:
                yield f"{name} names {value}, which this service does not get"
        elif _SECRET_NAME.search(name):
            yield f"{name} stands in the file; give it as a secret"
    text = f"{service.get('command')} {service.get('entrypoint')}"
    for secret in set(re.findall(r"/run/secrets/(\w+)", text)) - has:
        yield f"the command reads secret {secret}, which this service does not get"


def _safety(service: Service) -> Iterator[str]:
    if service.get("cap_drop") != ["ALL"]:
        yield "keeps capabilities: cap_drop is not [ALL]"
    if "no-new-privileges:true" not in service.get("security_opt", ()):
        yield "may gain privileges"
    if service.get("privileged") or service.get("network_mode") == "host" or service.get("cap_add"):
        yield "reaches out of its container"
    if service.get("init") is not True or "stop_grace_period" not in service:
        yield "has no init or no stop_grace_period"
    limits = service.get("deploy", {}).get("resources", {}).get("limits", {})
    if not {"memory", "cpus"} <= set(limits):
        yield "has no limits of memory and cpus"
    if "max-size" not in service.get("logging", {}).get("options", {}):
        yield "writes logs without end"
    if one_shot(service):
        return
    if service.get("restart") != "unless-stopped":
        yield "is not started again"
    if "test" not in service.get("healthcheck", {}):
        yield "has no health check"
