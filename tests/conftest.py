"""What every test runs under."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, settings

# Set before any settings are read: tests leave nothing in the store of whoever runs them, and see nothing of theirs.
os.environ["OVERSIGHT_STORE"] = tempfile.mkdtemp(prefix="oversight-tests-")
atexit.register(shutil.rmtree, os.environ["OVERSIGHT_STORE"], ignore_errors=True)

# Opening an export takes some tens of milliseconds, which Hypothesis would call slow. Nothing is timed in a test. Every test starts from
# the same seed (`--hypothesis-seed` in pyproject.toml), so that a red build is red for the next person too, and so that the tests that
# draw from the same strategies meet the same exports, which `checking.agree` then opens once.
# A failing example is shown as it was drawn: making it smaller would open hundreds of exports more.
settings.register_profile(
    "oversight",
    deadline=None,
    max_examples=25,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
settings.load_profile("oversight")


@pytest.fixture(scope="module", autouse=True)
def main_module() -> Iterator[None]:
    """A page that AppTest runs becomes the main module, and children that a later test forks would run it once more."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main
