"""One node of Elasticsearch with security on, plain HTTP, on 127.0.0.1.

It is the minimal server that Elastic publishes for integration tests. Not in it, so not proved by any test on it:
`GET /` (so `info()` and `ping()`), users, roles and API keys by API, ingest, ILM, data streams, scripts, ES|QL, the
language analysers, delete by query. Users other than `elastic` come from files.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import pwd
import shutil
import subprocess
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.stack.servers.install import ELASTIC_PASSWORD, elasticsearch_home, java, program
from tests.stack.servers.process import Server, Unavailable, free_port

# A test machine's disk is often fuller than the 85 % at which Elasticsearch stops taking documents.
SETTINGS = """\
discovery.type: single-node
network.host: 127.0.0.1
http.port: {http}
transport.port: {transport}
path.data: {folder}/data
path.logs: {folder}/logs
xpack.security.enabled: true
xpack.security.http.ssl.enabled: false
xpack.security.transport.ssl.enabled: false
xpack.security.autoconfiguration.enabled: false
cluster.routing.allocation.disk.threshold_enabled: false
"""
# The roles that the full stack has too. Elasticsearch reads them from a file, which it lets nobody change by API.
ROLES = Path(__file__).resolve().parents[3] / "config/elasticsearch/roles.yml"
USERS = {
    "treatywatch": "treatywatch_writer",
    "treatywatch-setup": "treatywatch_setup",
    "treatywatch-reader": "treatywatch_reader",
}


class Elasticsearch(Server):
    """A node. Documents, port and users stay over stop, kill and start; `reset` removes what treatywatch made.

    `username` and `password` are the superuser's. The users with the rights of one role each share `user_password`:
    `writer_username` indexes, `setup_username` installs templates, `reader_username` searches.
    """

    name = "elasticsearch"
    start_seconds = 120.0
    username = "elastic"
    password = ELASTIC_PASSWORD
    writer_username = "treatywatch"
    setup_username = "treatywatch-setup"
    reader_username = "treatywatch-reader"
    user_password = "stack-test-user"
    writer_password = user_password

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, free_port(2))
        self.java_home = java(21)
        self.home = elasticsearch_home(self.java_home)
        self.account = pwd.getpwnam("nobody") if os.getuid() == 0 else None
        self._drop = self._as_account()
        if not self._may_enter(self.home):
            # The checkout lies under a folder that only its owner may enter: work on a copy in the temporary folder.
            self.home = Path(shutil.copytree(self.home, folder / "home", symlinks=True))
            if not self._may_enter(self.home):
                raise Unavailable(f"{folder} cannot be entered by the user nobody: set TMPDIR to a folder that can")
        self._configure()

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def command(self) -> list[str]:
        """Return the command; as root it gives up root first, which Elasticsearch insists on."""
        return [*self._drop, str(self.home / "bin/elasticsearch")]

    def environment(self) -> Mapping[str, str]:
        """Return the Java to use and the configuration of this node."""
        return {
            "ES_JAVA_HOME": str(self.java_home),
            "ES_PATH_CONF": str(self.folder / "config"),
            "ES_JAVA_OPTS": "-Xms512m -Xmx512m -XX:TieredStopAtLevel=1",
            "ES_TMPDIR": str(self.folder / "tmp"),
            "CLI_JAVA_OPTS": "-XX:TieredStopAtLevel=1",
        }

    def answers(self) -> bool:
        """Say whether the cluster answers the superuser."""
        try:
            return bool(self.call("GET", "/_cluster/health", timeout=2.0)["status"] in {"green", "yellow"})
        except OSError:
            return False

    def call(self, method: str, path: str, body: object = None, timeout: float = 30.0) -> dict[str, Any]:
        """Send one request as the superuser and return the JSON answer. Raises OSError on a refusal."""
        token = base64.b64encode(f"{self.username}:{self.password}".encode()).decode()
        request = urllib.request.Request(
            self.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Basic {token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            found: dict[str, Any] = json.loads(answer.read() or b"{}")
            return found

    def reset(self) -> None:
        """Remove every index and template whose name starts with treatywatch; users stay, nothing restarts."""
        self.start()
        for index in self.call("GET", "/treatywatch*?expand_wildcards=all"):
            self.call("DELETE", f"/{index}")
        for kind in ("index_template", "component_template"):
            for template in self.call("GET", f"/_{kind}")[f"{kind}s"]:
                if template["name"].startswith("treatywatch"):
                    self.call("DELETE", f"/_{kind}/{template['name']}")

    def _as_account(self) -> list[str]:
        if self.account is None:
            return []
        # util-linux; Elasticsearch itself is Linux or macOS, and nobody is root on a Mac.
        drop = [
            program("setpriv", package="util-linux"),
            "--pdeathsig",
            "KILL",
        ]  # giving up root clears the one set before
        return [*drop, f"--reuid={self.account.pw_uid}", f"--regid={self.account.pw_gid}", "--clear-groups", "--"]

    def _may_enter(self, folder: Path) -> bool:
        return subprocess.run([*self._drop, "test", "-r", str(folder / "lib")], check=False).returncode == 0

    def _configure(self) -> None:
        config = Path(shutil.copytree(self.home / "config", self.folder / "config"))
        text = SETTINGS.format(http=self.port, transport=self.port + 1, folder=self.folder)
        (config / "elasticsearch.yml").write_text(text, encoding="utf-8")
        shutil.copy(ROLES, config / "roles.yml")
        digest = _hashed(self.user_password)
        (config / "users").write_text("".join(f"{user}:{digest}\n" for user in USERS), encoding="utf-8")
        (config / "users_roles").write_text(
            "".join(f"{role}:{user}\n" for user, role in USERS.items()), encoding="utf-8"
        )
        for name in ("data", "logs", "tmp"):
            (self.folder / name).mkdir()
        if self.account is not None:
            for entry in (self.folder, *(e for e in self.folder.rglob("*") if self.folder / "home" not in e.parents)):
                os.chown(entry, self.account.pw_uid, self.account.pw_gid)


def _hashed(password: str, cost: int = 10_000) -> str:
    """Return a line for the file realm as Elasticsearch's own tool writes it, without its second of JVM start."""
    salt = b"stack-test-salt-of-32-bytes-----"
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, cost, dklen=32)
    return f"{{PBKDF2}}{cost}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"
