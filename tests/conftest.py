"""Shared by all tests: Hypothesis profiles, and an environment without settings of ours."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

settings.register_profile("default", max_examples=100, deadline=None)
settings.register_profile("nightly", max_examples=10_000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own TREATYWATCH_ variables must not change a test."""
    for name in list(os.environ):
        if name.startswith("TREATYWATCH_"):
            monkeypatch.delenv(name)
