"""What tests of publishing share."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.exports.sandbox import Verdict, judge
from dashboard.settings import Settings


@pytest.fixture
def check_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exports are judged in the test's own process, without the second that a child takes to start. The child does the same and no more."""
    monkeypatch.setattr("dashboard.exports.store.check_apart", judged_here)


def judged_here(export: Path, clean: Path, settings: Settings, before: Path | None = None) -> Verdict:
    """As `check_apart`, without a child."""
    clean.mkdir(mode=0o700)
    verdict = judge(export, clean, settings, before)
    verdict.write(clean)
    return verdict
