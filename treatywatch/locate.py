"""Find the folders that treatywatch works with: configuration and state."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from treatywatch.errors import ConfigError

PACKAGE = Path(__file__).resolve().parent


def config_dir(setting: str | None = None, package: Path = PACKAGE) -> Path:
    """Return the folder with feeds.yml, treaties.yml and the rest.

    The setting wins; else a checkout's `config/` beside the package; else the copy that the wheel carries inside it.
    Raises ConfigError where the folder named by the setting has no treaties.yml.
    """
    if setting:
        folder = Path(setting).expanduser()
        if not (folder / "treaties.yml").is_file():
            raise ConfigError([f"TREATYWATCH_CONFIG={setting}: no treaties.yml in there; name a folder like config/"])
        return folder
    for folder in (package.parent / "config", package / "config"):
        if (folder / "treaties.yml").is_file():
            return folder
    raise ConfigError(["no configuration found: neither a checkout nor package data; set TREATYWATCH_CONFIG"])


def state_dir(setting: str | None, environment: Mapping[str, str] = os.environ) -> Path:
    """Return the folder for everything that must survive a restart (not created here): `--state`, else XDG."""
    if setting:
        return Path(setting).expanduser()
    base = environment.get("XDG_STATE_HOME") or "~/.local/state"
    return Path(base).expanduser() / "treatywatch"
