"""The shipped Prometheus and Alertmanager configuration, checked with their own tools."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry

from sinks.metrics import NAME
from treatywatch.metrics import Metrics
from treatywatch.roles import ROLES

ROOT = Path(__file__).parents[2]
PROMETHEUS = ROOT / "config/prometheus/prometheus.yml"
ALERTMANAGER = ROOT / "config/alertmanager/alertmanager.yml"
RULES = sorted((ROOT / "config/prometheus/rules").glob("*.yml"))
RUNBOOKS = ROOT / "docs/runbooks"
PACKAGE = {"promtool": "prometheus", "amtool": "prometheus-alertmanager"}


def run(tool: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a tool; skip where it is not installed (fail where CI=true)."""
    program = shutil.which(tool)
    if program is None:
        reason = f"{tool} is not installed; apt-get install {PACKAGE[tool]}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    return subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False)


def rules() -> Iterator[dict[str, Any]]:
    """Every alerting rule that ships."""
    for path in RULES:
        for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]:
            yield from group["rules"]


def test_prometheus_configuration_is_valid() -> None:
    """Promtool accepts it, with the rule files that it names."""
    checked = run("promtool", "check", "config", PROMETHEUS)

    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert f"SUCCESS: {len(RULES)} rule files found" in checked.stdout


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.name)
def test_rules_are_valid(path: Path) -> None:
    """Promtool finds no fault and no lint."""
    checked = run("promtool", "check", "rules", "--lint=all", "--lint-fatal", path)

    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("name", ["signals", "health", "rhythm"])
def test_rules_do_what_their_unit_tests_say(name: str) -> None:
    """Each rule fires when it should and is silent beside it."""
    tested = run("promtool", "test", "rules", Path(__file__).parent / "promtool" / f"{name}.yml")

    assert tested.returncode == 0, tested.stdout + tested.stderr


def test_signal_rule_tests_notice_a_rule_that_ends_in_an_outage(tmp_path: Path) -> None:
    """Without what bridges an outage, the unit tests fail: they test it."""
    (tmp_path / "config/prometheus/rules").mkdir(parents=True)
    (tmp_path / "a/b/c").mkdir(parents=True)
    text = (ROOT / "config/prometheus/rules/signals.yml").read_text(encoding="utf-8")
    weaker = text.replace("keep_firing_for: 30m", "").replace("[15m]", "[5s]")
    (tmp_path / "config/prometheus/rules/signals.yml").write_text(weaker, encoding="utf-8")
    shutil.copy(Path(__file__).parent / "promtool/signals.yml", tmp_path / "a/b/c/signals.yml")

    tested = run("promtool", "test", "rules", tmp_path / "a/b/c/signals.yml")

    assert weaker != text
    assert tested.returncode == 1
    assert "ends nothing, so nothing is repeated" in tested.stdout + tested.stderr


def test_every_rule_has_a_unit_test() -> None:
    """No rule ships untested."""
    tests = "".join(path.read_text(encoding="utf-8") for path in (Path(__file__).parent / "promtool").glob("*.yml"))

    assert [rule["alert"] for rule in rules() if rule["alert"] not in tests] == []


def test_every_rule_says_who_must_act_and_where_to_read_on() -> None:
    """Labels and annotations are complete, and the runbook is there."""
    for rule in rules():
        signal = rule["labels"]["kind"] == "signal"

        assert rule["labels"].get("severity") in ({None} if signal else {"page", "ticket", "info"}), rule["alert"]
        assert set(rule["annotations"]) == {"summary", "description", "runbook_url"}, rule["alert"]
        assert rule["annotations"]["runbook_url"] == f"docs/runbooks/{rule['alert']}.md"
        assert (ROOT / rule["annotations"]["runbook_url"]).is_file(), rule["alert"]


def test_every_runbook_belongs_to_a_rule() -> None:
    """A runbook whose rule is gone goes too."""
    assert {path.stem for path in RUNBOOKS.glob("*.md")} - {"README"} == {rule["alert"] for rule in rules()}


def test_rules_use_only_metrics_that_exist() -> None:
    """A misspelt metric would be a rule that never fires."""
    registry = CollectorRegistry()
    Metrics(registry)
    known = {NAME}
    for family in registry.collect():
        known |= {family.name, f"{family.name}_total"}
    used = {name for rule in rules() for name in re.findall(r"\btreatywatch_\w+", rule["expr"])}

    assert used
    assert used - known == set()


def test_every_role_is_scraped() -> None:
    """Each role of the process table has a job of its name."""
    jobs = {job["job_name"] for job in yaml.safe_load(PROMETHEUS.read_text(encoding="utf-8"))["scrape_configs"]}

    assert {role.name for role in ROLES} <= jobs


def test_alertmanager_configuration_is_valid() -> None:
    """Amtool accepts it."""
    checked = run("amtool", "check-config", ALERTMANAGER)

    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        (["kind=signal", "alertname=TreatyTransition", "severity=urgent"], "notify"),
        (["kind=ops", "alertname=RoleDown", "severity=page"], "operators"),
        (["kind=ops", "alertname=Watchdog"], "watchdog"),
    ],
)
def test_alerts_go_where_they_belong(labels: list[str], receiver: str) -> None:
    """Signals go to notify and nowhere else; health alerts never do."""
    tested = run(
        "amtool", "config", "routes", "test", f"--config.file={ALERTMANAGER}", f"--verify.receivers={receiver}", *labels
    )

    assert tested.returncode == 0, tested.stdout + tested.stderr


def test_alertmanager_repeats_a_signal_later_than_it_can_fire() -> None:
    """Six hours and the half hour that it is kept; a repeat would only be caught by the sent log."""
    (route,) = [r for r in yaml.safe_load(ALERTMANAGER.read_text())["route"]["routes"] if r["receiver"] == "notify"]

    assert route["repeat_interval"] == "24h"
    assert route["group_by"] == ["..."]
    assert route["group_wait"] == "5s"
