"""The boards load, read well and ask for metrics that exist. Their queries run in tests/stack/test_board.py."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from sinks.metrics import NAME
from tests.config.board import DASHBOARDS, ROOT, board, panels, queries
from treatywatch.metrics import Metrics

PROVISIONING = ROOT / "config/grafana/provisioning"


def _metrics() -> dict[str, set[str]]:
    """Return every series name with its labels."""
    labels: dict[str, set[str]] = {NAME: {"transition", "case", "actor", "treaty", "stage", "severity"}}
    for collector in vars(Metrics()).values():
        for family in getattr(collector, "describe", list)():
            names = set(getattr(collector, "_labelnames", ()))
            for suffix in {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"]}.get(family.type, [""]):
                labels[family.name + suffix] = names | ({"le"} if suffix == "_bucket" else set())
    return labels


METRICS = _metrics()


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_board_is_of_the_form_that_grafana_11_to_13_provision(path: Path) -> None:
    """Schema v1, a fixed uid, no numeric id, no inputs to fill in, not editable, in UTC."""
    found = board(path)
    assert found["id"] is None
    assert re.fullmatch(r"treatywatch-[a-z]+", found["uid"])
    assert found["schemaVersion"] >= 39
    assert "__inputs" not in found
    assert "apiVersion" not in found
    assert found["editable"] is False
    assert found["timezone"] == "utc"
    assert len({panel["id"] for panel in found["panels"]}) == len(found["panels"])


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_panels_explain_themselves_and_do_not_overlap(path: Path) -> None:
    """Each has a title, a description, a unit, a text for no data; on a grid of 24 columns none covers another."""
    taken: set[tuple[int, int]] = set()
    for panel in board(path)["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert place["x"] + place["w"] <= 24
        taken |= cells
    for panel in panels(path):
        assert panel["title"]
        assert panel["description"].endswith(".")
        defaults = panel["fieldConfig"]["defaults"]
        assert defaults["unit"]
        assert defaults["noValue"]


def test_every_panel_asks_the_provisioned_data_source() -> None:
    """The uid of the data source file is the one of every panel and query."""
    source = yaml.safe_load((PROVISIONING / "datasources/prometheus.yml").read_text(encoding="utf-8"))["datasources"][0]
    for path in DASHBOARDS:
        for panel in panels(path):
            for asked in (panel["datasource"], *(target["datasource"] for target in panel["targets"])):
                assert asked == {"type": source["type"], "uid": source["uid"]}
    provider = yaml.safe_load((PROVISIONING / "dashboards/treatywatch.yml").read_text(encoding="utf-8"))["providers"][0]
    compose = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    assert f"./config/grafana/dashboards:{provider['options']['path']}:ro" in compose


@pytest.mark.parametrize(("name", "query"), list(queries()))
def test_query_names_only_metrics_and_labels_that_exist(name: str, query: str) -> None:
    """A renamed metric or label fails here, not as an empty panel; rates use the interval that Grafana computes."""
    asked = set(re.findall(r"\btreatywatch_\w+", query))
    assert asked
    assert asked <= set(METRICS)
    grouped = {
        label for group in re.findall(r"\b(?:by|without) \(([^)]*)\)", query) for label in re.split(r",\s*", group)
    }
    matched = set(re.findall(r"(\w+)=~?\"", query))
    known = {"instance", "job"}.union(*(METRICS[metric] for metric in asked))
    assert grouped | matched <= known
    for window in re.findall(r"rate\(\w+(?:\{[^}]*\})?\[([^\]]+)\]", query):
        assert window == "$__rate_interval"


def test_a_misspelt_metric_or_label_would_be_noticed() -> None:
    """The check above is no formality."""
    with pytest.raises(AssertionError):
        test_query_names_only_metrics_and_labels_that_exist("x", "sum(rate(treatywatch_input_total[$__rate_interval]))")
    with pytest.raises(AssertionError):
        test_query_names_only_metrics_and_labels_that_exist("x", "sum by (topics) (treatywatch_consumer_lag_records)")
