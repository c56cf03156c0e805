"""Translate the problems that the domain finds in terms. The domain's own messages are English."""

from collections.abc import Iterable

from kpitracker.lib.errors import ProblemItem, ValidationProblem
from kpitracker.lib.i18n.text import text
from targets.domain.terms_problems import TermsProblem

_VIETNAMESE = {
    "a qualitative target must not have a band": "chỉ tiêu định tính không có khoảng số",
    "a target needs a goal": "chỉ tiêu cần có hướng (goal)",
    "this goal needs its %(edge)s edge": "hướng này cần cận %(edge)s",
    "lower is above upper": "cận dưới lớn hơn cận trên",
    "an indicator with accumulation sum starts at 0, so it cannot have the profile path": "chỉ số cộng dồn (sum) bắt đầu từ 0, không dùng được tiến độ path",
    "the profile path needs a baseline": "tiến độ path cần mức đầu kỳ (baseline)",
    "the profile seasonal needs an indicator with accumulation sum": "tiến độ seasonal chỉ dùng cho chỉ số cộng dồn (sum)",
    "at least one milestone must have the %(edge)s edge": "ít nhất một mốc phải có cận %(edge)s",
    "a milestone must lie inside the period and before its last day": "mốc phải nằm trong kỳ và trước ngày cuối kỳ",
    "there can be only one milestone per day": "mỗi ngày chỉ một mốc",
    "no figure of frequency %(frequency)s can begin on %(day)s": "không có kỳ %(frequency)s nào bắt đầu ngày %(day)s",
    "the full band is expected from the first day on: add milestones or a baseline": (
        "toàn bộ mức chỉ tiêu được tính là cần đạt ngay từ ngày đầu: hãy thêm các mốc hoặc mức đầu kỳ"
    ),
    "rank 1 is the best, so at least %(edge)s means %(edge)s or worse: for %(edge)s or better use the goal at_most": (
        "hạng 1 là cao nhất, nên “ít nhất %(edge)s” nghĩa là từ hạng %(edge)s trở xuống: nếu cần từ hạng %(edge)s trở lên, "
        "hãy chọn “không quá” (at_most)"
    ),
}


def to_item(problem: TermsProblem) -> ProblemItem:
    vietnamese = _VIETNAMESE.get(problem.message)
    translated = vietnamese % problem.params if vietnamese else problem.detail
    return ProblemItem(problem.pointer, problem.slug, text(_to_sentence(problem.detail), _to_sentence(translated)))


def raise_if_problems(problems: Iterable[TermsProblem]) -> None:
    """Raises `ValidationProblem` with all of them, if there are any."""
    if items := [to_item(problem) for problem in problems]:
        raise ValidationProblem(items=items)


def _to_sentence(message: str) -> str:
    return message[:1].upper() + message[1:] + "."
