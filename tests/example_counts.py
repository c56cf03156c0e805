"""How many generated examples a test tries: few while the code is being written, more in every run, all beside it.

`make quick` sets EXAMPLES=quick, `make test-all` sets EXAMPLES=full; `EXAMPLES=full make test ARGS=...` is for a change
to what such a test is about. Hypothesis' own default follows: 15, 100 or 1,000 examples a test.
"""

import os

from hypothesis import settings

from tests.settings import LANE

GIVEN = os.environ.get("EXAMPLES", "")
assert GIVEN in ("", "quick", "full"), f"EXAMPLES must be quick, full or empty, not {GIVEN!r}."

# Without a deadline: a slow machine fails no test. Derandomized: a change fails for what it changed; only the full
# run looks for new examples, and keeps in .hypothesis what failed.
settings.register_profile("quick", max_examples=15, deadline=None, derandomize=True)
settings.register_profile("default", max_examples=100, deadline=None, derandomize=True)
settings.register_profile("full", max_examples=1000, deadline=None, print_blob=True)


def load_profile() -> None:
    settings.load_profile(GIVEN or "default")


def amount(sqlite: int, postgresql: int, *, full: int, quick: int | None = None) -> int:
    """The same examples on both databases, so what differs between them shows in fewer on the second."""
    if GIVEN == "quick" and quick is not None:
        return quick
    return full if GIVEN == "full" else {"sqlite": sqlite, "postgresql": postgresql}[LANE]
