"""Documentation that cannot lie: what is documented exists, and what exists is documented."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tests.reference import DOCS, PAGES, commands
from treatywatch.settings import PREFIX, variables
from treatywatch.topics import TOPICS

ROOT = Path(__file__).parent.parent
PROSE = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md"]


@pytest.mark.parametrize("page", PAGES)
def test_the_reference_pages_are_current(page: str) -> None:
    """Written from the code; `make docs` writes them again."""
    assert (DOCS / page).read_text(encoding="utf-8") == PAGES[page](), "run `make docs`"


def test_every_command_has_a_help_text_for_itself_and_its_options() -> None:
    """A person at the terminal reads no source."""
    for name, command in commands():
        assert command.help, name
        for parameter in command.params:
            assert getattr(parameter, "help", None) or parameter.name == "help", f"{name} {parameter.name}"


def test_prose_names_only_commands_that_exist() -> None:
    """`treatywatch something` in a text is a command."""
    known = {name.split()[0] for name, _ in commands()} | {"deadletters"}
    pages = [*PROSE, *(f"docs/runbooks/{p.name}" for p in (DOCS / "runbooks").glob("*.md"))]
    assert len(pages) > len(PROSE)
    for page in pages:
        text = (ROOT / page).read_text(encoding="utf-8")
        for found in re.findall(r"`treatywatch ([a-z]+)", text):
            assert found in known, f"{page}: treatywatch {found}"


def test_prose_names_only_options_that_exist() -> None:
    """`treatywatch command --option`, also in code blocks."""
    options = {
        name: {option for p in command.params for option in getattr(p, "opts", ())} | {"--help"}
        for name, command in commands()
    }
    for page in PROSE:
        text = (ROOT / page).read_text(encoding="utf-8")
        for name, found in re.findall(
            r"treatywatch ([a-z]+(?: (?:list|show|replay|check|add|import|export))?)((?: [^`#\n]*)?)", text
        ):
            known = options.get(name) or options.get(name.split()[0])
            for option in re.findall(r"--[a-z-]+", found):
                assert known is not None, f"{page}: treatywatch {name}"
                assert option in known, f"{page}: treatywatch {name} {option}"


def test_prose_names_only_settings_that_exist() -> None:
    """So is every variable, in texts, compose and CI."""
    known = {v for v, _, _ in variables()}
    known |= {f"{v}_FILE" for v in known} | {"TREATYWATCH_CONFIG", "TREATYWATCH_STATE"}
    for page in [*PROSE, "docker-compose.yml", "Makefile", ".ci/run"]:
        text = (ROOT / page).read_text(encoding="utf-8")
        for found in re.findall(rf"\b{PREFIX}[A-Z_]+[A-Z]\b", text):
            assert found in known, f"{page}: {found}"


def test_the_topic_table_of_the_architecture_is_the_code() -> None:
    """Name, key, writers and readers, row by row."""
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rows = {
        cells[0].strip("` "): cells
        for line in text.splitlines()
        if line.startswith("| `treatywatch.")
        for cells in [[cell.strip() for cell in line.strip("|").split("|")]]
    }

    assert set(rows) == {topic.name for topic in TOPICS}
    for topic in TOPICS:
        _, key, _, kept, writers, readers = rows[topic.name]
        assert key == topic.key
        assert ("compacted" in kept) == (topic.retention_ms is None)
        assert tuple(writers.split(", ")) == topic.writers
        assert tuple(readers.split(", ")) == topic.readers


def test_links_between_documents_lead_somewhere() -> None:
    """Relative links only; the outside is not asked."""
    for page in [*PROSE, "CHANGELOG.md", *(f"docs/{p.relative_to(DOCS)}" for p in DOCS.rglob("*.md"))]:
        path = ROOT / page
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), f"{page}: {target}"


def test_paths_named_in_the_architecture_exist() -> None:
    """A walk through files that are not there helps nobody."""
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    for found in re.findall(r"`((?:treatywatch|producers|processors|sinks|config|tests)/[\w./-]*)`", text):
        assert (ROOT / found).exists(), found


def test_the_workflow_calls_the_same_script_as_everybody() -> None:
    """One script for CI; the workflow only calls it."""
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
    steps = [step.get("run", "") for job in workflow["jobs"].values() for step in job["steps"]]

    assert any(".ci/run" in step for step in steps)
    assert "make test" in (ROOT / ".ci/run").read_text(encoding="utf-8")
    assert "make test" in (ROOT / "README.md").read_text(encoding="utf-8")
