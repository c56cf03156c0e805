"""A Markdown page with the status of a plan's targets at the end of each month of a year, and later."""

from collections.abc import Collection, Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

from indicators.models import Revision
from indicators.services.books import gather, read_by
from kpitracker.lib.texts import text
from targets.domain.scores import totals
from targets.domain.vocabulary import State, Status
from targets.models import Plan, Target, TargetVersion
from targets.models.target import STATES
from targets.services import explanations, numerals, scorecards, sentences
from targets.services.judging import Judged, judge
from targets.services.terms import version_in_force

_SYMBOLS = {
    Status.EXCEEDED: text("exceeded", "vượt"),
    Status.MET: text("met", "đạt"),
    Status.MISSED: text("**missed**", "**không đạt**"),
    Status.ON_TRACK: text("on", "đúng"),
    Status.AT_RISK: text("risk", "nguy cơ"),
    Status.OFF_TRACK: text("**off**", "**chậm**"),
    Status.NOT_DUE: text("·", "·"),
    Status.NO_DATA: text("?", "?"),
}
_LEGEND = text(
    "on, risk, off: on track, at risk, off track. · nothing is due yet, ? nothing came though it was due. "
    "† provisional: not every figure used is official. ! a newer figure was due and has not come. "
    "An empty cell: not announced yet.",
    "đúng, nguy cơ, chậm: đúng tiến độ, có nguy cơ, chậm tiến độ. · chưa đến hạn, ? đến hạn mà chưa có số liệu. "
    "† dự kiến: có số liệu chưa chính thức. ! số liệu mới hơn đã đến hạn mà chưa có. Ô trống: chưa ban hành.",
)


class _Column(NamedTuple):
    """The targets as of a day: under the version then in force by target id, and under every (target id, number)."""

    day: date
    in_force: dict[int, Judged]
    by_version: dict[tuple[int, int], Judged]


def year_table(plan: Plan, year: int, today: date) -> str:
    """Covers every target of the plan whose period overlaps the year, in the active language.

    After the months come the days after the year on which figures were published, then everything known today,
    including figures with an unknown publication day.
    """
    first, last = date(year, 1, 1), date(year, 12, 31)
    targets = list(
        Target.objects.shown()
        .filter(plan=plan, period_start__lte=last, period_end__gte=first)
        .order_by("section", "identifier")
    )
    month_ends = [date(year, month, 1) - timedelta(days=1) for month in range(2, 13)] + [last]
    days = [day for day in [*month_ends, *_later(targets, last)] if day < today]
    columns = [_column(targets, day, today) for day in [*days, today]]
    lines = [*_table(targets, columns, month_ends), "", str(_LEGEND), ""]
    year_end = next(column for column in columns if column.day in (last, today))
    for target in targets:
        lines += _why(target, year_end, columns[-1])
    return "\n".join(lines)


def _later(targets: Collection[Target], after: date) -> list[date]:
    """The days after the year on which a figure of these targets was published."""
    series = read_by({(each.indicator_id, each.area_id) for each in targets})
    latest = max((each.period_end for each in targets), default=after)
    found = Revision.objects.of_series(series, "measurement__")
    found = found.filter(measurement__period_end__lte=latest, published__gt=after)
    days = found.values_list("measurement__indicator", "measurement__area", "published")
    return sorted({day for *pair, day in days if tuple(pair) in series})


def _column(targets: Collection[Target], day: date, today: date) -> _Column:
    books = gather({(each.indicator_id, each.area_id) for each in targets}, day, today)
    by_version = {
        (target.pk, version.number): judge(target, version, books[target.area_id], day)
        for target in targets
        for version in target.all_versions
    }
    in_force = {
        target.pk: by_version[target.pk, version.number]
        for target in targets
        if (version := version_in_force(target, day))
    }
    return _Column(day, in_force, by_version)


def _table(targets: Collection[Target], columns: list[_Column], month_ends: list[date]) -> Iterator[str]:
    heads = [_head(column, columns[-1], month_ends) for column in columns]
    yield _line([str(text("target", "chỉ tiêu")), *heads])
    yield _line(["---", *(":-:" for _ in heads)])
    for target in targets:
        yield _line([f"`{_name(target)}`", *(_symbol(column.in_force.get(target.pk)) for column in columns)])
        versions = target.all_versions
        for version in versions if len(versions) > 1 else ():
            cells = [_symbol(column.by_version[target.pk, version.number]) for column in columns]
            yield _line([_under(version), *cells])
    sums = [totals(map(scorecards.counted, column.in_force.values())) for column in columns]
    for label, row in _sums(sums):
        yield _line([f"*{label}*", *row])


def _line(cells: Collection[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _head(column: _Column, last: _Column, month_ends: list[date]) -> str:
    if column is last:
        return str(text("all known", "tất cả"))
    return f"{column.day:%m}" if column.day in month_ends else column.day.isoformat()


def _name(target: Target) -> str:
    own = "" if target.period == target.plan.period else f" {target.period}"
    return f"{target.indicator.code}{own}"


def _under(version: TargetVersion) -> str:
    state = STATES[State(version.state)]
    return str(text(f"↳ under version {version.number} ({state})", f"↳ theo phiên bản {version.number} ({state})"))


def _symbol(judged: Judged | None) -> str:
    if judged is None:
        return ""
    found = judged.assessment
    final = found.status in (Status.EXCEEDED, Status.MET, Status.MISSED)
    stale = found.overdue and found.actual is not None and found.status != Status.NO_DATA
    marks = ("†" if final and found.provisional else "") + ("!" if stale else "")
    return f"{_SYMBOLS[found.status]}{marks}"


def _sums(totals: list[dict[str, Any]]) -> Iterator[tuple[str, list[str]]]:
    groups = {
        text("exceeded, met", "vượt, đạt"): (Status.EXCEEDED, Status.MET),
        text("on track", "đúng tiến độ"): (Status.ON_TRACK,),
        text("at risk", "có nguy cơ"): (Status.AT_RISK,),
        text("off track, missed", "chậm, không đạt"): (Status.OFF_TRACK, Status.MISSED),
        text("nothing yet", "chưa có gì"): (Status.NOT_DUE, Status.NO_DATA),
    }
    for label, statuses in groups.items():
        yield str(label), [str(sum(each["counts"][status] for status in statuses)) for each in totals]
    for name, label in {"score": text("score", "điểm"), "coverage": text("coverage, %", "độ phủ, %")}.items():
        yield str(label), [each[name] or "–" for each in totals]


def _why(target: Target, year_end: _Column, latest: _Column) -> Iterator[str]:
    """A sentence at the end of the year, another one for everything known if it differs, and the sources."""
    name = str(text(target.indicator.name_en or target.indicator.name, target.indicator.name))
    yield f"**`{_name(target)}`** {name}"
    yield ""
    told, figures = "", list[dict[str, Any]]()
    for column in (year_end, latest):
        judged = column.in_force.get(target.pk)
        if judged is None:
            continue
        status = explanations.status(judged)
        sentence = sentences.why(status)
        if sentence != told:
            until = numerals.day(column.day.isoformat())
            when = str(text("All known", "Tất cả đã biết")) if column is latest else until
            yield f"- {when[0].upper()}{when[1:]}: {sentence}."
        told, figures = sentence, [*figures, *status["explanation"]["figures"]]
    for source in dict.fromkeys(map(_source, figures)):
        yield f"  - {source}"
    yield ""


def _source(figure: dict[str, Any]) -> str:
    value = numerals.number(figure["value"], 6)
    published = figure["published"]
    if published == "unknown":
        published = str(text("day not known", "không rõ ngày"))
    stage = f", {figure['stage']}" if figure["stage"] else ""
    return f"{figure['indicator']} {figure['period']}: {value}{stage} ({published}), <{figure['source']}>"
