"""How many generated examples a test tries: few while the code is being written, more in every run, all beside it.

`make quick` sets EXAMPLES=quick, `make test-all` sets EXAMPLES=full; `EXAMPLES=full make test ARGS=...` is for a change
to what such a test is about. Hypothesis' own default follows: 15, 100 or 1,000 examples a test.
"""

import os

from hypothesis import HealthCheck, settings

from tests.settings import LANE

GIVEN = os.environ.get("EXAMPLES", "")
assert GIVEN in ("", "quick", "full"), f"EXAMPLES must be quick, full or empty, not {GIVEN!r}."

# A slow machine fails no test. Derandomized: a change fails for what it changed; only the full run looks for new
# examples, and keeps in .hypothesis what failed.
for name, examples in (("quick", 15), ("default", 100), ("full", 1000)):
    settings.register_profile(
        name,
        max_examples=examples,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
        derandomize=name != "full",
        print_blob=name == "full",
    )


def load_profile() -> None:
    settings.load_profile(GIVEN or "default")


def amount(sqlite: int, postgresql: int, *, full: int, quick: int | None = None) -> int:
    """The same examples on both databases, so what differs between them shows in fewer on the second."""
    if GIVEN == "quick" and quick is not None:
        return quick
    return full if GIVEN == "full" else {"sqlite": sqlite, "postgresql": postgresql}[LANE]
