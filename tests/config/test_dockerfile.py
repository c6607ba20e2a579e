"""The image: what goes in, who runs it."""

from __future__ import annotations

import fnmatch
import re
import tomllib

from tests.config.compose import ROOT

LINES = [
    line.split(maxsplit=1)
    for line in (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    if line.strip() and not line.startswith("#")
]


def _all(instruction: str) -> list[str]:
    return [rest for name, rest in LINES if name == instruction]


def test_image_runs_as_a_numbered_user_that_is_not_root() -> None:
    """The last USER holds; a number lets an orchestrator see that it is not root."""
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", _all("USER")[-1])


def test_both_stages_start_from_the_same_pinned_python() -> None:
    """A full tag, and no other Python at run time than at build time."""
    images = {image.split()[0] for image in _all("FROM")}
    assert len(_all("FROM")) == 2
    assert len(images) == 1
    assert re.fullmatch(r"python:3\.\d+(\.\d+)?-slim-\w+", images.pop())


def test_dependencies_are_installed_by_hash_and_ahead_of_the_source() -> None:
    """Nothing is resolved or compiled at build time."""
    instructions = [f"{name} {rest}" for name, rest in LINES]
    locked = next(i for i, text in enumerate(instructions) if "-r requirements.lock" in text)
    source = next(i for i, text in enumerate(instructions) if text.startswith("COPY treatywatch"))
    assert "--require-hashes" in instructions[locked]
    assert locked < source


def test_no_secret_is_baked_in() -> None:
    """No argument or variable of the image carries a secret."""
    assert not [text for text in (*_all("ENV"), *_all("ARG")) if re.search("(?i)passw|secret|token", text)]


def test_every_copied_file_exists_and_reaches_the_build() -> None:
    """Sources are there, .dockerignore lets them in, and all packages of the wheel are among them."""
    sources = [s for copy in _all("COPY") if "--from" not in copy for s in copy.split()[:-1]]
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split("\n")
    assert "*" in ignored
    admitted = [line.removeprefix("!").rstrip("/") for line in ignored if line.startswith("!")]
    for source in sources:
        assert (ROOT / source).exists()
        assert source.removeprefix("./") in admitted
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) <= set(sources)


def test_build_context_carries_no_secret_and_no_history() -> None:
    """Passwords and the repository stay out of the image's build."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    for name in ("secrets", ".git", ".venv", ".cache", "tests"):
        assert not any(fnmatch.fnmatch(name, line.removeprefix("!").rstrip("/")) for line in lines if line[0] == "!")
