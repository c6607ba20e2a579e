"""docker-compose.yml keeps its promises, as far as they can be checked without Docker."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from tests.config.compose import IMAGE, ROOT, Service, compose, faults, one_shot, services
from tests.stack.servers.install import ELASTICSEARCH_VERSION, KAFKA_POM
from treatywatch.roles import ROLES
from treatywatch.settings import read_settings, variables

OURS = {name: service for name, service in services().items() if service["image"].startswith(IMAGE)}
FOLDERS = {"TREATYWATCH_CONFIG", "TREATYWATCH_STATE"}


@pytest.mark.parametrize("name", services())
def test_service_keeps_every_rule(name: str) -> None:
    """Pinned image, ports on 127.0.0.1, files that exist, secrets by file, limits, health check, few rights."""
    assert faults(services()[name], compose()["secrets"]) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"image": "treatywatch:latest"}, "not pinned"),
        ({"image": "treatywatch"}, "not pinned"),
        ({"ports": ["8750:8750"]}, "not bound"),
        ({"ports": ["0.0.0.0:8750:8750"]}, "every address"),
        ({"command": ["treatywatch", "live", "--host", "0.0.0.0"]}, "every address"),
        ({"environment": {"TREATYWATCH_LIVE_HOST": "::"}}, "every address"),
        ({"environment": {"TREATYWATCH_LIVE_HOST": "kafka"}}, "own name"),
        ({"volumes": ["./config/none:/none:ro"]}, "does not exist"),
        ({"volumes": ["./config:/config"]}, "writable"),
        ({"volumes": ["stat:/state"]}, "not declared"),
        ({"environment": {"TREATYWATCH_KAFKA_SASL_PASSWORD": "x"}}, "as a secret"),
        ({"environment": {"TREATYWATCH_KAFKA_SASL_PASSWORD_FILE": "/run/secrets/elastic_password"}}, "does not get"),
        ({"secrets": ["kafka_pasword"]}, "not declared"),
        ({"deploy": {"resources": {"limits": {"cpus": "1"}}}}, "no limits"),
        ({"healthcheck": {}}, "no health check"),
        ({"restart": "always"}, "not started again"),
        ({"cap_drop": []}, "capabilities"),
        ({"security_opt": []}, "privileges"),
        ({"logging": {"driver": "json-file"}}, "without end"),
    ],
)
def test_each_rule_notices_what_it_is_for(change: dict[str, Any], fault: str) -> None:
    """One broken property of a good service is found, by the rule for it."""
    broken = {**services()["live"], **change}
    assert any(fault in found for found in faults(broken, compose()["secrets"]))


def test_roles_run_the_commands_of_the_process_table() -> None:
    """Each role of `treatywatch up` is a service with the same command, and settings come by the environment."""
    assert {name: tuple(OURS[name]["command"]) for name in OURS if not one_shot(OURS[name])} == {
        role.name: role.command for role in ROLES
    }
    assert {name: OURS[name]["command"] for name in OURS if one_shot(OURS[name])} == {
        "topics": ["treatywatch", "topics"],
        "setup": ["treatywatch", "setup"],
    }
    for role in ROLES:
        assert OURS[role.name]["healthcheck"]["test"] == ["CMD", "treatywatch", "health", role.name]


@pytest.mark.parametrize("name", OURS)
def test_settings_of_our_services_are_known_and_accepted(name: str, tmp_path: Path) -> None:
    """The very environment of a service is read without a fault, secrets from files included."""
    known = {variable for variable, _, _ in variables()} | FOLDERS
    environment = {key: str(value) for key, value in OURS[name]["environment"].items()}
    for key in [key for key in environment if key.startswith("TREATYWATCH_")]:
        assert key in known or key.removesuffix("_FILE") in known
        if key not in known:
            secret = tmp_path / Path(environment[key]).name
            secret.write_text("" if "webhooks" in secret.name else "0123456789abcdef", encoding="utf-8")
            environment[key] = str(secret)
    environment["TREATYWATCH_CONFIG"] = str(ROOT / "config")
    settings = read_settings(environment)
    assert settings.kafka.bootstrap == "kafka:19092"
    assert settings.kafka.sasl_password is not None
    assert settings.kafka.sasl_password.get_secret_value() == "0123456789abcdef"


def test_our_services_have_a_read_only_file_system_and_only_the_state_is_writable() -> None:
    """Nothing in a container of ours can be changed but /state and /tmp."""
    for service in OURS.values():
        assert service["read_only"] is True
        assert {mount for mount in service["volumes"] if not mount.endswith(":ro")} == {"state:/state"}
        assert all(mount.startswith("/tmp:") for mount in service["tmpfs"])


def test_nothing_in_a_profile_needs_what_is_outside_of_it() -> None:
    """Each profile can be started alone: what a service waits for is in its profile or in none."""
    found = services()
    for name, service in found.items():
        for needed in service.get("depends_on", {}):
            outer = set(found[needed].get("profiles", ()))
            assert not outer or set(service.get("profiles", ())) <= outer, f"{name} needs {needed}"
            condition = service["depends_on"][needed]["condition"]
            assert (condition == "service_completed_successfully") == one_shot(found[needed]), f"{name}: {needed}"


def test_lean_part_is_everything_but_what_only_people_look_at_and_states_its_memory() -> None:
    """Without a profile all roles and their servers run; Kibana and Grafana are the profile ui. The head adds up."""
    found = services()
    assert {name for name in found if "profiles" in found[name]} == {"kibana", "views", "grafana"}
    assert all(service.get("profiles", ["ui"]) == ["ui"] for service in found.values())
    limits = {name: _mebibytes(service) for name, service in found.items() if not one_shot(service)}
    lean = sum(size for name, size in limits.items() if "profiles" not in found[name])
    stated = f"add up to {lean / 1024:.1f} GiB, with the profile ui to {sum(limits.values()) / 1024:.1f} GiB"
    assert stated in (ROOT / "docker-compose.yml").read_text(encoding="utf-8")


def _mebibytes(service: Service) -> int:
    number, unit = re.fullmatch(r"(\d+)([mg])", service["deploy"]["resources"]["limits"]["memory"]).groups()  # type: ignore[union-attr]
    return int(number) * (1024 if unit == "g" else 1)


def test_addresses_inside_name_services_and_ports_are_given_once() -> None:
    """A URL in a setting or command names a service that exists; no two services want one port of the host."""
    found = services()
    for name, service in found.items():
        assert service["hostname"] == name
        for text in [*map(str, service.get("environment", {}).values()), *map(str, service.get("command", ()))]:
            for url in re.findall(r"http://[\w.-]+:\d+", text):
                host = urlsplit(url).hostname
                assert host in found or host == "127.0.0.1", f"{name}: {url}"
    ports = [port for service in found.values() for port in service.get("ports", ())]
    assert len(ports) == len(set(ports))


def test_servers_are_of_the_versions_that_the_stack_tests_run() -> None:
    """Kafka and Elasticsearch as tested, Kibana as Elasticsearch; every other service of an image agrees."""
    kafka = re.search(r"<kafka.version>(.+)</kafka.version>", KAFKA_POM.read_text(encoding="utf-8"))
    assert kafka is not None
    found = services()
    assert found["kafka"]["image"] == f"apache/kafka:{kafka[1]}"
    for service in found.values():
        if "docker.elastic.co" in service["image"]:
            assert service["image"].endswith(f":{ELASTICSEARCH_VERSION}")


def test_every_secret_is_used_and_named_in_the_instructions() -> None:
    """What the head of the file tells to make is what is needed."""
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    instructions = text[: text.index("\nname:")]
    used = {secret for service in services().values() for secret in service.get("secrets", ())}
    assert used == set(compose()["secrets"])
    for secret in used:
        assert secret in instructions
        assert compose()["secrets"][secret] == {"file": f"./secrets/{secret}"}
    assert "secrets/" in (ROOT / ".gitignore").read_text(encoding="utf-8").split()


def test_prometheus_scrapes_every_role_and_alertmanager_calls_notify() -> None:
    """The targets of the mounted configuration are services of this file with the port that they serve."""
    prometheus = yaml.safe_load((ROOT / "config/prometheus/prometheus.yml").read_text(encoding="utf-8"))
    targets = {
        target
        for job in prometheus["scrape_configs"]
        for group in job.get("static_configs", ())
        for target in group["targets"]
    }
    served = {name: OURS[name]["environment"]["TREATYWATCH_METRICS_PORT"] for name in (role.name for role in ROLES)}
    assert {f"{name}:{port}" for name, port in served.items()} <= targets
    assert {target.partition(":")[0] for target in targets} <= set(services()) | {"127.0.0.1"}
    managers = str(prometheus["alerting"])
    assert "alertmanager:9093" in managers
    assert "http://notify:8752/" in (ROOT / "config/alertmanager/alertmanager.yml").read_text(encoding="utf-8")
