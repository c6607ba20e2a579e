"""Get the programs that the stack tests run: Kafka and Elasticsearch by Maven, the others from the system.

Kept between runs in `.cache/servers` of the checkout, or in the folder that TREATY_TEST_CACHE names (not TREATYWATCH_…:
treatywatch takes an unknown variable of that prefix for a typing error). An install appears under its name by one
rename, so a name that exists is complete; two test runs may install at the same time.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.stack.servers.process import Unavailable

ELASTICSEARCH_VERSION = "9.5.4"  # docker-compose.yml runs the same; tests/config/test_compose.py compares the two
ELASTIC_PASSWORD = "stack-test-elastic"
KAFKA_POM = Path(__file__).parent.parent / "kafka-pom.xml"

_CHECKOUT = Path(__file__).resolve().parents[3]
_MAVEN_COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1"


def cache_dir() -> Path:
    """Return the folder that keeps downloaded servers."""
    return Path(os.environ.get("TREATY_TEST_CACHE") or _CHECKOUT / ".cache" / "servers").absolute()


def program(*names: str, package: str) -> str:
    """Return the path of the first program found. Raises Unavailable with the package to install."""
    for name in names:
        if path := shutil.which(name):
            return path
    raise Unavailable(f"no {' or '.join(names)} on PATH; on Debian or Ubuntu: apt-get install {package}")


def java(least: int) -> Path:
    """Return the home of the oldest Java runtime that is new enough. Raises Unavailable."""
    found = {home: version for home in _java_homes() if (version := _java_version(home)) is not None}
    fitting = [home for home, version in found.items() if version >= least]
    if not fitting:
        seen = ", ".join(f"{home} ({version})" for home, version in found.items()) or "none"
        raise Unavailable(f"needs a Java runtime {least} or newer (found: {seen}); install one, or set JAVA_HOME to it")
    return min(fitting, key=lambda home: found[home])


def _java_homes() -> Iterator[Path]:
    for variable, value in sorted(os.environ.items()):
        if value and re.fullmatch(r"(ES_)?JAVA_HOME(_\d+_\w+)?", variable):
            yield Path(value)
    for folder, inner in (("/usr/lib/jvm", "."), ("/opt", "."), ("/Library/Java/JavaVirtualMachines", "Contents/Home")):
        if Path(folder).is_dir():
            yield from (
                entry / inner for entry in sorted(Path(folder).iterdir()) if (entry / inner / "bin/java").exists()
            )
    if on_path := shutil.which("java"):
        yield Path(on_path).resolve().parents[1]


def _java_version(home: Path) -> int | None:
    """Return the feature release from the runtime's `release` file, which costs no start of a JVM."""
    try:
        text = (home / "release").read_text(encoding="utf-8")
    except OSError:
        return None
    match = re.search(r'^JAVA_VERSION="(?:1\.)?(\d+)', text, re.MULTILINE)
    return int(match[1]) if match and (home / "bin/java").exists() else None


def kafka_jars() -> Path:
    """Return the folder with the broker's jars, fetched if it is not there (about 55 MB)."""
    pom = hashlib.sha256(KAFKA_POM.read_bytes()).hexdigest()[:8]

    def fetch(into: Path) -> None:
        _maven("-f", str(KAFKA_POM), f"{_MAVEN_COPY}:copy-dependencies", f"-DoutputDirectory={into}")

    return _installed(f"kafka-{pom}", fetch)


def elasticsearch_home(java_home: Path) -> Path:
    """Return Elasticsearch's home, fetched if it is not there (about 130 MB).

    Its keystore gives the built-in user elastic ELASTIC_PASSWORD; made once here, because each use of that tool costs
    a start of a JVM.
    """
    name = f"elasticsearch-{ELASTICSEARCH_VERSION}"

    def fetch(into: Path) -> None:
        artifact = f"org.elasticsearch.distribution.integ-test-zip:elasticsearch:{ELASTICSEARCH_VERSION}:zip"
        _maven(f"{_MAVEN_COPY}:copy", f"-Dartifact={artifact}", f"-DoutputDirectory={into}")
        archive = into / f"{name}.zip"
        _unzip(archive, into)
        archive.unlink()
        for entry in (into / name).iterdir():
            entry.rename(into / entry.name)
        (into / name).rmdir()
        tool = into / "bin/elasticsearch-keystore"
        for arguments, text in ((["create"], ""), (["add", "--stdin", "bootstrap.password"], ELASTIC_PASSWORD)):
            _run(
                [str(tool), *arguments],
                "Elasticsearch's keystore tool",
                env={"ES_JAVA_HOME": str(java_home)},
                text=text,
            )
        for entry in (into, *into.rglob("*")):  # read by a user who is not its owner: Elasticsearch refuses root
            entry.chmod(0o755 if entry.is_dir() or entry.stat().st_mode & 0o100 else 0o644)

    return _installed(name, fetch)


def _installed(name: str, fetch: Callable[[Path], None]) -> Path:
    target = cache_dir() / name
    if target.is_dir():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with _locked(target.parent / ".lock"):
        if not target.is_dir():
            partial = Path(tempfile.mkdtemp(prefix=f"{name}.partial-", dir=target.parent))
            try:
                partial.chmod(0o755)
                fetch(partial)
                partial.rename(target)
            finally:
                shutil.rmtree(partial, ignore_errors=True)
    return target


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def _maven(*arguments: str) -> None:
    _run([program("mvn", package="maven"), "-q", "-B", *arguments], "Maven")


def _run(command: list[str], what: str, env: dict[str, str] | None = None, text: str = "") -> None:
    done = subprocess.run(
        command, env={**os.environ, **(env or {})}, input=text, capture_output=True, text=True, timeout=900, check=False
    )
    if done.returncode:
        tail = "\n".join((done.stdout + done.stderr).splitlines()[-15:])
        raise Unavailable(f"{what} failed (is the network there?):\n{tail}")


def _unzip(archive: Path, into: Path) -> None:
    """Unpack with the permission bits, which zipfile's own extractall drops."""
    with zipfile.ZipFile(archive) as packed:
        for member in packed.infolist():
            path = Path(packed.extract(member, into))
            if mode := member.external_attr >> 16 & 0o777:
                path.chmod(mode)
