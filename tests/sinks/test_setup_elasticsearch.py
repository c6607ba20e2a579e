"""What the set-up decides about templates, without a server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sinks.setup_elasticsearch import CASE_INDEX, MAPPING_VERSION, Template, check_mapping, load_templates, plan
from treatywatch.errors import ConfigError, ServerError
from treatywatch.locate import config_dir

TEMPLATES = load_templates(config_dir() / "elasticsearch")
FULL = frozenset({"analysis-common", "x-pack-ilm"})
MINIMAL = frozenset({"x-pack-core"})


def _installed(templates: tuple[Template, ...] = TEMPLATES) -> dict[tuple[str, str], dict[str, Any]]:
    return {(t.kind, t.name): t.signed["_meta"] for t in templates}


def test_empty_server_gets_everything_in_order() -> None:
    """Components come before the index templates that are composed of them."""
    steps = plan(TEMPLATES, {}, FULL)
    assert [s.action for s in steps] == ["put"] * len(TEMPLATES)
    kinds = [s.template.kind for s in steps]
    assert kinds == sorted(kinds)
    assert {"treatywatch-signals", "treatywatch-cases"} == {
        s.template.name for s in steps if s.template.kind == "index"
    }


def test_second_run_changes_nothing() -> None:
    """What is there in this version and content is kept."""
    assert {s.action for s in plan(TEMPLATES, _installed(), FULL)} == {"kept"}


def test_server_without_a_module_does_not_get_what_needs_it() -> None:
    """The minimal distribution lacks the folding filter: that component is left out, and nothing else."""
    left = [s.template.name for s in plan(TEMPLATES, {}, MINIMAL) if s.action == "left out"]
    assert left == ["treatywatch-folding"]


@pytest.mark.parametrize(
    "meta",
    [{"version": 0}, {}, {"version": 1}, {"version": 1, "digest": "another"}],
    ids=["older", "none", "?", "edited"],
)
def test_older_or_different_template_is_put_again(meta: dict[str, Any]) -> None:
    """An older version, one that is not ours, or an edit under the same version."""
    installed = _installed() | {("component", "treatywatch-ecs"): meta}
    assert [s.template.name for s in plan(TEMPLATES, installed, FULL) if s.action == "put"] == ["treatywatch-ecs"]


def test_newer_template_is_never_replaced() -> None:
    """A newer treatywatch has been here: the older one says so and leaves it alone."""
    installed = _installed() | {("index", "treatywatch-cases"): {"version": 99}}
    with pytest.raises(ServerError, match=r"treatywatch-cases is installed in version 99.*knows 2; update treatywatch"):
        plan(TEMPLATES, installed, FULL)


def test_all_faults_of_template_files_are_named_at_once(tmp_path: Path) -> None:
    """A file that is no JSON and one without a version: both, by path."""
    (tmp_path / "components").mkdir()
    (tmp_path / "components" / "a.json").write_text("{")
    (tmp_path / "components" / "b.json").write_text('{"_meta": {"version": "one"}}')
    (tmp_path / "components" / "c.json").write_text('{"_meta": {"version": 1}}')
    with pytest.raises(ConfigError) as caught:
        load_templates(tmp_path)
    assert [fault.split(".json")[0][-1] for fault in caught.value.faults] == ["a", "b"]


def test_folder_without_templates_is_named(tmp_path: Path) -> None:
    """A wrong folder is a fault, not an empty set-up."""
    with pytest.raises(ConfigError, match="no templates in"):
        load_templates(tmp_path)


def test_index_of_another_version_or_without_strictness_is_refused() -> None:
    """Only a strict index of our version is written to."""
    check_mapping(CASE_INDEX, {"dynamic": "strict", "_meta": {"version": MAPPING_VERSION}})
    for mapping, found in (
        ({"dynamic": "strict", "_meta": {"version": MAPPING_VERSION - 1}}, f"mapping version {MAPPING_VERSION - 1}"),
        ({"dynamic": "true", "_meta": {"version": MAPPING_VERSION}}, f"mapping version {MAPPING_VERSION}"),
        ({}, "no mapping of treatywatch"),
    ):
        with pytest.raises(
            ServerError, match=f"{CASE_INDEX} has {found}, this program writes version {MAPPING_VERSION}"
        ):
            check_mapping(CASE_INDEX, mapping)
