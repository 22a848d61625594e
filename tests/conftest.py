"""What every test runs under."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# Opening an export takes some tens of milliseconds, which Hypothesis would call slow. Nothing is timed in a test. Examples are the
# same in every run, so that a red build is red for the next person too.
settings.register_profile("oversight", deadline=None, max_examples=25, derandomize=True, suppress_health_check=list(HealthCheck), print_blob=False)
settings.load_profile("oversight")
