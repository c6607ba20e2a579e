"""Configuration is found in a checkout, in a wheel, and where a setting says; the state folder follows XDG."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from treatywatch.errors import ConfigError
from treatywatch.locate import config_dir, state_dir

ROOT = Path(__file__).parents[2]


def test_a_checkout_uses_the_folder_beside_the_package() -> None:
    """An editable install is a checkout."""
    assert config_dir() == ROOT / "config"


@pytest.mark.timeout(120)
def test_a_wheel_carries_the_configuration_and_finds_it(tmp_path: Path) -> None:
    """Built by the tool that builds releases, unpacked where there is no checkout, and run from there."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "dist")], cwd=ROOT, check=True
    )
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    program = (
        f"import sys; sys.path.insert(0, {str(site)!r})\n"
        "from treatywatch.locate import config_dir\n"
        "from processors.detect.pipeline import load_detector\n"
        "load_detector(config_dir())\n"
        "print(config_dir())\n"
    )

    done = subprocess.run(
        [sys.executable, "-I", "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert Path(done.stdout.strip()) == site / "treatywatch/config"
    names = zipfile.ZipFile(wheel).namelist()
    assert "sinks/live/static/style.css" in names
    assert not [name for name in names if name.startswith("tests/")]


def test_a_setting_wins_and_a_wrong_one_is_named(tmp_path: Path) -> None:
    """A folder without the register is no configuration."""
    (tmp_path / "treaties.yml").write_text("treaties: []\n")

    assert config_dir(str(tmp_path)) == tmp_path
    with pytest.raises(ConfigError, match=r"no treaties\.yml"):
        config_dir(str(tmp_path / "elsewhere"))


def test_nowhere_is_an_error_with_the_way_out(tmp_path: Path) -> None:
    """Neither checkout nor wheel."""
    with pytest.raises(ConfigError, match="set TREATYWATCH_CONFIG"):
        config_dir(package=tmp_path / "site" / "treatywatch")


def test_the_state_folder_is_the_option_else_xdg_else_home() -> None:
    """As the XDG base directory specification says."""
    assert state_dir("/data", {}) == Path("/data")
    assert state_dir(None, {"XDG_STATE_HOME": "/xdg"}) == Path("/xdg/treatywatch")
    assert state_dir(None, {}) == Path("~/.local/state/treatywatch").expanduser()
