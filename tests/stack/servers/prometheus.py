"""Prometheus and Alertmanager on 127.0.0.1, on a copy of a configuration folder."""

from __future__ import annotations

import shutil
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from tests.stack.servers.install import program
from tests.stack.servers.process import Server, free_port


class _Monitoring(Server):
    """What the two have in common: a copied configuration and a readiness page."""

    def __init__(self, folder: Path, config: Path, replace: Mapping[str, str]) -> None:
        super().__init__(folder, free_port())
        self.config = folder / "config"
        shutil.copytree(config, self.config)
        for path in self.config.rglob("*.y*ml"):
            text = path.read_text(encoding="utf-8")
            for old, new in replace.items():
                text = text.replace(old, new)
            path.write_text(text, encoding="utf-8")

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def answers(self) -> bool:
        """Say whether its readiness page says yes."""
        try:
            with urllib.request.urlopen(f"{self.url}/-/ready", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


class Prometheus(_Monitoring):
    """A Prometheus on a copy of a folder with prometheus.yml. Samples and port stay over stop, kill and start."""

    name = "prometheus"

    def command(self) -> list[str]:
        """Return its command."""
        return [
            program("prometheus", package="prometheus"),
            f"--config.file={self.config / 'prometheus.yml'}",
            f"--storage.tsdb.path={self.folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{self.port}",
            # A minute as shipped; an Alertmanager that comes back hears of what fires within this.
            "--rules.alert.resend-delay=5s",
            "--log.level=warn",
        ]


class Alertmanager(_Monitoring):
    """An Alertmanager on a copy of a folder with alertmanager.yml. What it has sent stays over a clean stop only."""

    name = "alertmanager"

    def command(self) -> list[str]:
        """Return its command."""
        return [
            program("prometheus-alertmanager", "alertmanager", package="prometheus-alertmanager"),
            f"--config.file={self.config / 'alertmanager.yml'}",
            f"--storage.path={self.folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{self.port}",
            "--cluster.listen-address=",
            "--log.level=warn",
        ]


class StartPrometheus(Protocol):
    """The fixture `prometheus`: start one on a copy of `config`, in which each text of `replace` is replaced."""

    def __call__(self, config: Path, replace: Mapping[str, str] = ...) -> Prometheus:
        """Return it when it answers."""
        ...


class StartAlertmanager(Protocol):
    """The fixture `alertmanager`: start one on a copy of `config`, in which each text of `replace` is replaced."""

    def __call__(self, config: Path, replace: Mapping[str, str] = ...) -> Alertmanager:
        """Return it when it answers."""
        ...
