"""Collect the figures of the benchmarks; `--figures FILE` writes them as a page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bench.page import Figure, page

_figures = pytest.StashKey[list[Figure]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that writes the page."""
    parser.addoption("--figures", type=Path, default=None, help="write the benchmarks' figures to this page")


@pytest.fixture
def figure(pytestconfig: pytest.Config) -> Callable[[Figure], None]:
    """Give a function that notes a figure for the page."""
    return pytestconfig.stash.setdefault(_figures, []).append


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Write the page, if one is wanted and no benchmark failed."""
    target: Path | None = session.config.getoption("--figures", None)
    figures = session.config.stash.get(_figures, [])
    if target is not None and figures and exitstatus == pytest.ExitCode.OK:
        target.write_text(page(figures), encoding="utf-8")
