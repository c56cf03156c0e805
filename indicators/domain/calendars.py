"""Which days are worked: Monday to Friday, but for holidays and the days that a decree swaps for them."""

from datetime import date
from typing import Final, NamedTuple

_SATURDAY: Final = 5


class Calendar(NamedTuple):
    """`off`: days that are not worked; `worked`: days at the weekend that are. A day in both is worked."""

    off: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()

    def is_worked(self, day: date) -> bool:
        return day in self.worked or (day.weekday() < _SATURDAY and day not in self.off)


WEEKENDS_ONLY: Final = Calendar()
