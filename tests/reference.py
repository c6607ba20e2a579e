"""Render the reference pages of docs/ from the code; `make docs` writes them, tests/test_docs.py compares.

Not a test itself: `python -m tests.reference` writes docs/commands.md, docs/settings.md and docs/metrics.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main
from pydantic import SecretStr

from sinks.metrics import NAME as TRANSITIONS
from treatywatch.cli import app
from treatywatch.metrics import Metrics
from treatywatch.settings import Settings, variables

DOCS = Path(__file__).parent.parent / "docs"
NOTE = "<!-- Written by `make docs`; a test checks that it is current. -->\n"


def commands() -> Iterator[tuple[str, Any]]:
    """Yield every command with its full name, groups included."""
    root = typer.main.get_command(app)
    assert hasattr(root, "commands")
    for name, command in root.commands.items():
        if hasattr(command, "commands"):
            yield from ((f"{name} {inner}", sub) for inner, sub in command.commands.items())
        else:
            yield name, command


def render_commands() -> str:
    """Render the page of commands with their options."""
    page = [f"# Commands\n\n{NOTE}\n`treatywatch COMMAND --help` says the same at the terminal.\n"]
    for name, command in commands():
        page.append(f"## treatywatch {name}\n\n{(command.help or '').strip()}\n")
        rows = [f"| `{_spelled(p)}` | {getattr(p, 'help', None) or ''} |" for p in command.params if p.name != "help"]
        if rows:
            page.append("| option | meaning |\n|---|---|\n" + "\n".join(rows) + "\n")
    return "\n".join(page)


def _spelled(parameter: Any) -> str:  # typer's own kind of click parameter, untyped
    if parameter.param_type_name == "option":
        return "`, `".join((*parameter.opts, *parameter.secondary_opts))
    return str(parameter.name).upper()


def render_settings() -> str:
    """Render the page of settings."""
    page = [
        f"# Settings\n\n{NOTE}\n"
        "Defaults, then `treatywatch.yml` in the configuration folder (`section: {name: value}`), then the\n"
        "environment. Every variable also exists with `_FILE` behind it: the path of a file that holds the value, for\n"
        "secrets. A wrong key or variable is an error that names its place and the nearest valid one. Two variables\n"
        "stand for folders: `TREATYWATCH_CONFIG` (configuration), `TREATYWATCH_STATE` (what must survive a restart).\n",
        "| variable | default | meaning |",
        "|---|---|---|",
    ]
    defaults = Settings()
    for variable, section, name in variables():
        value = getattr(getattr(defaults, section), name)
        field = type(getattr(defaults, section)).model_fields[name]
        page.append(f"| `{variable}` | {_shown(value)} | {field.description} |")
    return "\n".join(page) + "\n"


def _shown(value: object) -> str:
    if value in (None, ()) or isinstance(value, SecretStr):
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def render_metrics() -> str:
    """Render the page of metrics."""
    page = [
        f"# Metrics\n\n{NOTE}\n"
        "Each role serves its own on `metrics.port`; the metrics role adds the transitions, and answers 503 until it\n"
        "has read the cases topic. Labels are bounded: stages, outcomes, reasons, configured feeds; only the sparse\n"
        "family of transitions names cases. Every role shows every family, so what another role counts stays at 0:\n"
        "choose by `job`. Under `treatywatch up` only the metrics role serves (port 8751).\n",
        "| metric | type | labels | meaning |",
        "|---|---|---|---|",
        f"| `{TRANSITIONS}` | gauge | transition, case, actor, treaty, stage, severity | "
        "Instant at which a transition was first written as alertable; exposed for 7 days. Every alert keys off it |",
    ]
    for metric in vars(Metrics()).values():
        if not hasattr(metric, "_type"):
            continue
        family = f"{metric._name}_total" if metric._type == "counter" else metric._name
        page.append(f"| `{family}` | {metric._type} | {', '.join(metric._labelnames)} | {metric._documentation} |")
    return "\n".join(page) + "\n"


PAGES = {"commands.md": render_commands, "settings.md": render_settings, "metrics.md": render_metrics}

if __name__ == "__main__":
    for page_name, render in PAGES.items():
        (DOCS / page_name).write_text(render(), encoding="utf-8")
