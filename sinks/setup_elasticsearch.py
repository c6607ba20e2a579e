"""Install templates, aliases and the case index in Elasticsearch; running it again changes nothing.

The templates are the JSON files of `config/elasticsearch/`, each with `_meta.version`. A template is put when it is
missing, older, or differs in content; a newer one is never replaced. A component with `_meta.requires` is left out
where the server lacks a module of that name, which the index templates allow.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import elasticsearch
import msgspec
from elasticsearch import AuthorizationException, NotFoundError

from sinks.documents import CASES
from sinks.elastic_client import Patience, check_server, connect
from treatywatch.errors import ConfigError, ServerError
from treatywatch.settings import Elasticsearch as ElasticsearchSettings

MAPPING_VERSION = 2  # what `documents.py` writes; stands in the mapping of every index
CASE_INDEX = f"{CASES}-v{MAPPING_VERSION}"


@dataclass(frozen=True, slots=True)
class Template:
    """One file: a component template, or an index template that is composed of them."""

    kind: str  # component or index
    name: str
    body: Mapping[str, Any]

    @property
    def version(self) -> int:
        """The version that the file states."""
        return int(self.body["_meta"]["version"])

    @property
    def requires(self) -> frozenset[str]:
        """Modules that the server must have."""
        return frozenset(self.body["_meta"].get("requires", ()))

    @property
    def digest(self) -> str:
        """Name the content, so that an edit without a new version is noticed."""
        return hashlib.sha256(msgspec.json.encode(self.body, order="deterministic")).hexdigest()[:16]

    @property
    def signed(self) -> dict[str, Any]:
        """The body with its digest, as it is sent."""
        return {**self.body, "_meta": {**self.body["_meta"], "digest": self.digest}}


@dataclass(frozen=True, slots=True)
class Step:
    """What to do about one template: put, keep or leave out."""

    template: Template
    action: str

    def __str__(self) -> str:
        return f"{self.template.kind} template {self.template.name}, version {self.template.version}: {self.action}"


def load_templates(folder: Path) -> tuple[Template, ...]:
    """Read the template files, components first. Raises ConfigError with every fault."""
    templates: list[Template] = []
    faults: list[str] = []
    for kind, place in (("component", "components"), ("index", "indices")):
        for path in sorted((folder / place).glob("*.json")):
            try:
                template = Template(kind, path.stem, msgspec.json.decode(path.read_bytes()))
                assert template.version > 0
            except (OSError, msgspec.DecodeError) as error:
                faults.append(f"{path}: {error}")
            except (KeyError, TypeError, ValueError, AssertionError):
                faults.append(f"{path}: _meta.version is missing; give it a whole number above 0")
            else:
                templates.append(template)
    if not templates and not faults:
        faults.append(f"{folder}: no templates in components/ and indices/; is this the configuration folder?")
    if faults:
        raise ConfigError(faults)
    return tuple(templates)


def plan(
    templates: Sequence[Template], installed: Mapping[tuple[str, str], Mapping[str, Any]], modules: frozenset[str]
) -> tuple[Step, ...]:
    """Decide about each template, from the `_meta` of those that are installed and the server's modules.

    Raises ServerError where a newer program has been here.
    """
    steps = []
    for template in templates:
        there = installed.get((template.kind, template.name))
        if not template.requires <= modules:
            steps.append(Step(template, "left out"))
        elif there is None:
            steps.append(Step(template, "put"))
        elif int(there.get("version", 0)) > template.version:
            raise ServerError(
                f"{template.kind} template {template.name} is installed in version {there['version']}, this program "
                f"knows {template.version}; update treatywatch"
            )
        elif int(there.get("version", 0)) == template.version and there.get("digest") == template.digest:
            steps.append(Step(template, "kept"))
        else:
            steps.append(Step(template, "put"))
    return tuple(steps)


def set_up(settings: ElasticsearchSettings, folder: Path, stop: threading.Event) -> list[str]:
    """Install everything with the rights of the given user, waiting for the server; return a line per thing done.

    The user needs the role `treatywatch_setup` of `roles.yml`, or must be a superuser.
    """
    client = connect(settings)
    try:
        return install(client, Patience(settings.url, stop), folder)
    finally:
        client.close()


def install(client: elasticsearch.Elasticsearch, patience: Patience, folder: Path) -> list[str]:
    """Put what is missing or older, and make the case index with its alias; return a line per thing."""
    version, modules = patience.call("say its version", lambda: check_server(client))
    lines = [f"Elasticsearch {version}"]
    installed = patience.call("list its templates", lambda: _installed(client))
    for step in plan(load_templates(folder), installed, modules):
        if step.action == "put":
            _put(client, patience, step.template)
        lines.append(str(step))
    if patience.call("look for the case index", lambda: client.indices.exists_alias(name=CASES)):
        lines.append(f"alias {CASES}: kept")
    else:
        alias = {CASES: {"is_write_index": True}}
        patience.call("make the case index", lambda: client.indices.create(index=CASE_INDEX, aliases=alias))
        lines.append(f"index {CASE_INDEX} behind alias {CASES}: made")
    return lines


def prepare(client: elasticsearch.Elasticsearch, patience: Patience, folder: Path) -> None:
    """See that documents can be written; install what is missing where this user may.

    Raises ServerError that says what to run, or which index is of another version.
    """
    patience.call("say its version", lambda: check_server(client))
    found = patience.call("show the case index", lambda: _case_mapping(client))
    if found is None:
        try:
            install(client, patience, folder)
        except ServerError as error:
            if not isinstance(error.__cause__, AuthorizationException):
                raise
            raise ServerError(
                f"Elasticsearch at {patience.url} is not set up, and this user may not do it; run `treatywatch setup` "
                "once as a user with the role treatywatch_setup"
            ) from error
        found = patience.call("show the case index", lambda: _case_mapping(client))
    index, mapping = found or (CASE_INDEX, {})
    check_mapping(index, mapping)


def check_mapping(index: str, mapping: Mapping[str, Any]) -> None:
    """Raise ServerError where an index is not strict, or of another version than this program writes."""
    version = mapping.get("_meta", {}).get("version")
    if mapping.get("dynamic") == "strict" and version == MAPPING_VERSION:
        return
    found = f"mapping version {version}" if version is not None else "no mapping of treatywatch"
    raise ServerError(
        f"index {index} has {found}, this program writes version {MAPPING_VERSION}; delete the index, "
        "run `treatywatch setup`, and let the topics fill it again"
    )


def _installed(client: elasticsearch.Elasticsearch) -> dict[tuple[str, str], Mapping[str, Any]]:
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    client = client.options(ignore_status=404)  # which is how it says that there are none
    for entry in client.cluster.get_component_template(name="treatywatch-*").get("component_templates", ()):
        found["component", entry["name"]] = entry["component_template"].get("_meta", {})
    for entry in client.indices.get_index_template(name="treatywatch-*").get("index_templates", ()):
        found["index", entry["name"]] = entry["index_template"].get("_meta", {})
    return found


def _put(client: elasticsearch.Elasticsearch, patience: Patience, template: Template) -> None:
    put = client.cluster.put_component_template if template.kind == "component" else client.indices.put_index_template
    fields = {key.removeprefix("_"): value for key, value in template.signed.items()}  # the client says meta for _meta
    patience.call(f"install {template.name}", lambda: put(name=template.name, **fields))


def _case_mapping(client: elasticsearch.Elasticsearch) -> tuple[str, Mapping[str, Any]] | None:
    try:
        found = client.indices.get_mapping(index=CASES)
    except NotFoundError:
        return None
    index, body = next(iter(found.items()))
    return str(index), body["mappings"]
