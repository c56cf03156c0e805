"""How many generated examples a test tries: few enough for every run, or all, by the variable EXAMPLES.

`EXAMPLES=full make test` tries on each database as many as are written under `full`.
"""

import os

from tests.settings import LANE

GIVEN = os.environ.get("EXAMPLES", "")
assert GIVEN in ("", "full"), f"EXAMPLES must be full or empty, not {GIVEN!r}."


def amount(sqlite: int, postgresql: int, *, full: int) -> int:
    """The same examples on both databases, so what differs between them shows in fewer on the second."""
    return full if GIVEN == "full" else {"sqlite": sqlite, "postgresql": postgresql}[LANE]
