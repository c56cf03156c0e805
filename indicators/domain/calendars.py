"""Working days: Monday to Friday, except holidays, plus weekend days that a decree makes working days."""

from datetime import date
from typing import Final, NamedTuple

_SATURDAY: Final = 5


class Calendar(NamedTuple):
    """`days_off` are holidays; `working_weekend_days` are weekend days with work. A day in both is a working day."""

    days_off: frozenset[date] = frozenset()
    working_weekend_days: frozenset[date] = frozenset()

    def is_working_day(self, day: date) -> bool:
        return day in self.working_weekend_days or (day.weekday() < _SATURDAY and day not in self.days_off)


WEEKENDS_ONLY: Final = Calendar()
