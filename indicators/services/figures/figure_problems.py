"""What is wrong with a posted figure, or to be noted about it, that its own revisions and its indicator tell."""

from decimal import Decimal

from indicators.domain.choices import IndicatorKind, Stage
from indicators.domain.figures import FORECAST_DAYS, RecordDecision
from indicators.models import Indicator, Revision
from indicators.services.figures import revision_store
from kpitracker.lib.errors import ProblemItem, Unprocessable
from kpitracker.lib.i18n.text import text

FORECAST_WARNING = ProblemItem(
    "/published",
    "counts-as-forecast",
    text(
        f"Published more than {FORECAST_DAYS} days before its period ends: it counts as a forecast, and no target is "
        "judged by it. If it is final, give the stage official.",
        f"Công bố sớm hơn {FORECAST_DAYS} ngày trước khi hết kỳ: được coi là dự báo và không dùng để đánh giá chỉ tiêu. "
        "Nếu là số chính thức, hãy nêu giai đoạn chính thức.",
    ),
)


def find_content_problem(indicator: Indicator, value: Decimal | None, stage: str) -> ProblemItem | None:
    """The reason why an indicator of this kind cannot take the figure: a yes or no is 1 or 0, and never foreseen."""
    if indicator.kind != IndicatorKind.YES_NO:
        return None
    if value is not None and value not in (0, 1):
        detail = text("Yes or no: give 1 or 0.", "Chỉ số có/không: hãy nêu 1 hoặc 0.")
        return ProblemItem("/value", "invalid-number", detail)
    if stage == Stage.FORECAST:
        detail = text("A yes or no has no forecast.", "Chỉ số có/không không có số dự báo.")
        return ProblemItem("/stage", "invalid-stage", detail)
    return None


def approval_warnings(revision: Revision) -> list[ProblemItem]:
    """A warning for the response. It is not stored, because the approval ends it."""
    if revision_store.state_of(revision) != "pending":
        return []
    return [
        ProblemItem(
            "",
            "awaits-approval",
            text("It counts once a second person has approved it.", "Số liệu có hiệu lực khi người thứ hai duyệt."),
        )
    ]


def repeated_value_warnings(decision: RecordDecision) -> list[ProblemItem]:
    """A warning for a value that an earlier revision had: reprints of old numbers are common."""
    if decision.repeated is None:
        return []
    number = decision.repeated.number
    return [
        ProblemItem(
            "",
            "repeats-earlier-revision",
            text(
                f"It repeats the value of revision {number}, which has been replaced.",
                f"Trùng giá trị của lần sửa {number} đã được thay thế.",
            ),
        )
    ]


def stage_regression_error(stage: str, current_stage: str) -> Unprocessable:
    return Unprocessable(
        "stage-regression",
        text(
            f"The figure in force on that day is {current_stage or 'measured'}; {stage or 'forecast'} would be a step back.",
            f"Số liệu đang có ở giai đoạn {current_stage or 'thực tế'}; {stage or 'dự báo'} là lùi lại.",
        ),
        pointer="/stage",
    )
