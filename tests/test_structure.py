"""The structure: who may import whom, and what the core must not do."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
STAGES = ("producers", "processors", "sinks")
SEES_ALL = {
    "treatywatch/embedded.py",
    "treatywatch/feed_again.py",
    "treatywatch/doctor.py",
}  # with treatywatch/commands/
BANNED = {"utils", "helpers", "manager", "misc", "common", "util", "helper"}
FAUST = {"processors/app.py", "processors/agents.py"}


def modules(*folders: str) -> Iterator[Path]:
    """All Python files of these packages."""
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def imports(path: Path) -> set[str]:
    """The top-level packages that a file imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.add(node.module.split(".")[0])
    return found


def name(path: Path) -> str:
    """A file's path from the top of the repository."""
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_imports_no_other_stage(stage: str) -> None:
    """Stages meet in topics, not in imports."""
    others = set(STAGES) - {stage}
    offenders = {name(path): found for path in modules(stage) if (found := imports(path) & others)}

    assert not offenders


def test_the_shared_core_imports_no_stage() -> None:
    """Only the supervisor, the doctor and the commands see all."""
    offenders = {
        name(path)
        for path in modules("treatywatch")
        if imports(path) & set(STAGES) and name(path) not in SEES_ALL and "commands" not in path.parts
    }

    assert not offenders


def test_faust_is_met_in_two_files() -> None:
    """Leaving Faust must stay possible."""
    users = {name(path) for path in modules("treatywatch", *STAGES) if imports(path) & {"faust", "mode"}}

    assert users == FAUST


def test_no_file_is_named_for_nothing() -> None:
    """A file is named for its idea."""
    assert not [name(path) for path in modules("treatywatch", *STAGES) if path.stem in BANNED]


@pytest.mark.parametrize("folder", ["processors/detect", "processors/track"])
def test_the_core_reads_no_clock_and_no_network(folder: str) -> None:
    """What decides is a function of its arguments."""
    offenders = []
    for path in modules(folder):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = node.func.attr if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else ""
            if isinstance(node, ast.Call) and called in {"now", "utcnow", "today"}:
                offenders.append(f"{name(path)}:{node.lineno}")
        if imports(path) & {"aiohttp", "kafka", "sqlite3", "elasticsearch", "socket", "urllib", "requests"}:
            offenders.append(name(path))

    assert not offenders


def test_every_public_thing_has_a_docstring() -> None:
    """One sentence at least."""
    missing = []
    for path in modules("treatywatch", *STAGES):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if not ast.get_docstring(tree) and path.read_text(encoding="utf-8").strip():
            missing.append(name(path))
        classes = [n for n in tree.body if isinstance(n, ast.ClassDef) and not n.name.startswith("_")]
        scopes: list[ast.Module | ast.ClassDef] = [tree, *classes]
        for scope in scopes:
            for node in scope.body:
                if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                    continue
                if not node.name.startswith("_") and not ast.get_docstring(node):
                    missing.append(f"{name(path)}:{node.lineno} {node.name}")

    assert not missing
