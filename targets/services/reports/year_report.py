"""A Markdown page with the status of a plan's targets at the end of each month of a year, and later."""

from collections.abc import Collection, Iterator
from datetime import date
from typing import NamedTuple

from indicators.domain.choices import IndicatorKind
from indicators.models import Revision
from indicators.services.figures.series import load_resolvers, source_series
from kpitracker.lib.i18n.text import text
from targets.domain.choices import Goal, Status, VersionState
from targets.domain.rollup import compute_totals
from targets.models import Plan, Target, TargetVersion
from targets.models.target import VERSION_STATE_LABELS
from targets.payloads.explanations import ExplanationFigurePayload
from targets.services.evaluation import explanations
from targets.services.evaluation.evaluate import (
    Evaluation,
    EvaluationTask,
    evaluate_targets,
    evaluate_version,
    plan_tasks,
)
from targets.services.reports import scorecards, year_days
from targets.services.reports.year_days import Step
from targets.services.text import formatting, status_sentence

_STATUS_LABELS = {
    Status.EXCEEDED: text("exceeded", "vượt"),
    Status.MET: text("met", "đạt"),
    Status.MISSED: text("**missed**", "**không đạt**"),
    Status.ON_TRACK: text("on", "đúng"),
    Status.AT_RISK: text("risk", "nguy cơ"),
    Status.OFF_TRACK: text("**off**", "**chậm**"),
    Status.NOT_DUE: text("·", "·"),
    Status.NO_DATA: text("?", "?"),
}
_DIRECTED_LABELS: dict[tuple[Status, str], str] = {
    (Status.OFF_TRACK, Goal.AT_MOST): text("**beyond**", "**vượt ngưỡng**"),
    (Status.OFF_TRACK, Goal.WITHIN): text("**beyond**", "**ngoài ngưỡng**"),
    (Status.EXCEEDED, Goal.AT_MOST): text("better", "tốt hơn"),
}
_LEGEND = text(
    "on, risk, off, beyond: on track, at risk, off track, beyond the limit; better: than promised. · nothing is due yet, ? nothing came though it was due. "
    "† provisional: not every figure used is official. ! a newer figure was due and has not come. "
    "– suspended or withdrawn. An empty cell: not announced yet.",
    "đúng, nguy cơ, chậm: đúng tiến độ, có nguy cơ, chậm tiến độ; tốt hơn: tốt hơn kế hoạch. · chưa đến hạn, ? đến hạn mà chưa có số liệu. "
    "† dự kiến: có số liệu chưa chính thức. ! số liệu mới hơn đã đến hạn mà chưa có. – tạm dừng hoặc bãi bỏ. Ô trống: chưa ban hành.",
)


class _Column(NamedTuple):
    """The targets as of a day: under the version then in force by target id, and under every (target id, number).

    Suspended and withdrawn targets are in force, but under none of their numbers.
    """

    day: date
    in_force: dict[int, Evaluation]
    by_version: dict[tuple[int, int], Evaluation]


def render_year_table(plan: Plan, year: int, today: date) -> str:
    """Covers every target of the plan whose period overlaps the year, in the active language.

    After the months come the days after the year on which figures were published, then everything known today,
    including figures with an unknown publication day.
    """
    first, last = date(year, 1, 1), date(year, 12, 31)
    targets = list(
        Target.objects.for_list()
        .filter(plan=plan, period_start__lte=last, period_end__gte=first)
        .order_by("section", "identifier")
    )
    month_ends = year_days.list_ends(year, Step.MONTH)
    days = [day for day in [*month_ends, *_late_publication_days(targets, last)] if day < today]
    columns = [_build_column(targets, day, today) for day in [*days, today]]
    lines = [*_table_lines(targets, columns, month_ends), "", str(_LEGEND), ""]
    year_end = next(column for column in columns if column.day in (last, today))
    for target in targets:
        lines += _target_notes(target, year_end, columns[-1])
    return "\n".join(lines)


def _late_publication_days(targets: Collection[Target], after: date) -> list[date]:
    """The days after the year on which a figure of these targets was published."""
    series = source_series({(target.indicator_id, target.area_id) for target in targets})
    latest = max((target.period_end for target in targets), default=after)
    revisions = Revision.objects.for_series(series, "measurement__")
    revisions = revisions.filter(measurement__period_end__lte=latest, published__gt=after)
    days = revisions.values_list("measurement__indicator", "measurement__area", "published")
    return sorted({day for *pair, day in days if tuple(pair) in series})


def _build_column(targets: Collection[Target], day: date, today: date) -> _Column:
    books = load_resolvers({(target.indicator_id, target.area_id) for target in targets}, day, today)
    tasks = list(plan_tasks(targets, day))
    ended_targets = [task.target for task in tasks if task.state.is_ended]
    ended = {row.target.pk: row for row in evaluate_targets(targets=ended_targets, as_of=day, today=today)}
    by_version = {}
    for target in targets:
        for version in _amendable_versions(target) if target.pk not in ended else ():
            task = EvaluationTask(target, version, VersionState(version.state), day)
            by_version[target.pk, version.number] = evaluate_version(task, books[target.area_id], day)
    in_force = {
        task.target.pk: ended.get(task.target.pk) or by_version[task.target.pk, task.version.number] for task in tasks
    }
    settled = scorecards.settle(list(in_force.values()))
    return _Column(day, {row.target.pk: row for row in settled}, by_version)


def _amendable_versions(target: Target) -> list[TargetVersion]:
    """The versions with terms of their own: a suspension or withdrawal keeps those before it."""
    return [version for version in target.all_versions if not VersionState(version.state).is_ended]


def _table_lines(targets: Collection[Target], columns: list[_Column], month_ends: list[date]) -> Iterator[str]:
    headers = [_column_header(column, columns[-1], month_ends) for column in columns]
    yield _table_row([str(text("target", "chỉ tiêu")), *headers])
    yield _table_row(["---", *(":-:" for _ in headers)])
    for target in targets:
        yield _table_row(
            [f"`{_target_label(target)}`", *(_status_cell(column.in_force.get(target.pk)) for column in columns)]
        )
        versions = _amendable_versions(target)
        for version in versions if len(versions) > 1 else ():
            cells = [_status_cell(column.by_version.get((target.pk, version.number))) for column in columns]
            yield _table_row([_version_label(version), *cells])
    column_totals = [compute_totals(map(scorecards.to_scored_target, column.in_force.values())) for column in columns]
    for label, row in year_days.list_total_rows(column_totals):
        yield _table_row([f"*{label}*", *row])


def _table_row(cells: Collection[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _column_header(column: _Column, last: _Column, month_ends: list[date]) -> str:
    if column is last:
        return str(text("all known", "tất cả"))
    return f"{column.day:%m}" if column.day in month_ends else column.day.isoformat()


def _target_label(target: Target) -> str:
    period_suffix = "" if target.period == target.plan.period else f" {target.period}"
    return f"{target.indicator.code}{period_suffix}"


def _version_label(version: TargetVersion) -> str:
    state = VERSION_STATE_LABELS[VersionState(version.state)]
    return str(text(f"↳ under version {version.number} ({state})", f"↳ theo phiên bản {version.number} ({state})"))


def _status_cell(evaluation: Evaluation | None) -> str:
    if evaluation is None:
        return ""
    if evaluation.is_ended:
        return "–"
    assessment = evaluation.assessment
    is_final = assessment.status in (Status.EXCEEDED, Status.MET, Status.MISSED)
    is_stale = assessment.overdue and assessment.actual is not None and assessment.status != Status.NO_DATA
    marks = ("†" if is_final and assessment.provisional else "") + ("!" if is_stale else "")
    # A rank has no limit.
    goal = "" if evaluation.target.indicator.kind == IndicatorKind.RANK else evaluation.target.goal
    label = _DIRECTED_LABELS.get((assessment.status, goal), _STATUS_LABELS[assessment.status])
    return f"{label}{marks}"


def _target_notes(target: Target, year_end: _Column, latest: _Column) -> Iterator[str]:
    """A sentence at the end of the year, another one for everything known if it differs, and the sources."""
    name = str(text(target.indicator.name_en or target.indicator.name, target.indicator.name))
    yield f"**`{_target_label(target)}`** {name}"
    yield ""
    previous_sentence, figures = "", list[ExplanationFigurePayload]()
    for column in (year_end, latest):
        evaluation = column.in_force.get(target.pk)
        if evaluation is None:
            continue
        status = explanations.status_document(evaluation)
        sentence = status_sentence.explain_status(status)
        if sentence != previous_sentence:
            day_text = formatting.format_day(column.day.isoformat())
            label = str(text("All known", "Tất cả đã biết")) if column is latest else day_text
            yield f"- {label[0].upper()}{label[1:]}: {sentence}."
        previous_sentence, figures = sentence, [*figures, *status["explanation"]["figures"]]
    for source in dict.fromkeys(map(_source_line, figures)):
        yield f"  - {source}"
    yield ""


def _source_line(figure: ExplanationFigurePayload) -> str:
    value = formatting.format_number(figure["value"], 6)
    published = figure["published"]
    if published == "unknown":
        published = str(text("day not known", "không rõ ngày"))
    stage = f", {figure['stage']}" if figure["stage"] else ""
    return f"{figure['indicator']} {figure['period']}: {value}{stage} ({published}), <{figure['source']}>"
