"""Days in SQL."""

from typing import Any

from django.db.models import Func, IntegerField
from django.db.models.sql.compiler import SQLCompiler


class DayCount(Func):
    """The number of days from a first to a last day, both included: `DayCount(F("period_end"), F("period_start"))`."""

    arity = 2
    template = "(%(expressions)s + 1)"
    arg_joiner = " - "
    output_field = IntegerField()

    def as_sqlite(self, compiler: SQLCompiler, connection: Any, **extra_context: Any) -> Any:
        # The difference of days that Django writes for SQLite calls Python for each row.
        return self.as_sql(
            compiler,
            connection,
            template="CAST(JULIANDAY(%(expressions)s) + 1 AS integer)",
            arg_joiner=") - JULIANDAY(",
        )
