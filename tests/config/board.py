"""Read the Grafana boards of config/grafana."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
DASHBOARDS = sorted((ROOT / "config/grafana/dashboards").glob("*.json"))

Panel = dict[str, Any]


def board(path: Path) -> dict[str, Any]:
    """Return one board."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def panels(path: Path) -> list[Panel]:
    """Return the panels of a board that show something."""
    return [panel for panel in board(path)["panels"] if panel["type"] != "row"]


def queries() -> Iterator[tuple[str, str]]:
    """Yield (board: panel, query) for every query of every board."""
    for path in DASHBOARDS:
        for panel in panels(path):
            for target in panel["targets"]:
                yield f"{path.stem}: {panel['title']} {target['refId']}", target["expr"]
