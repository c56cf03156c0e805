"""Translate the findings of the domain about terms. The domain's own messages are English."""

from collections.abc import Iterable

from kpitracker.lib.errors import ProblemItem, ValidationProblem
from kpitracker.lib.i18n.text import text
from targets.domain.validation_findings import TermsFinding

_VIETNAMESE = {
    "a target without a number has no band": "chỉ tiêu định tính không có khoảng số",
    "a target has a goal": "cần nêu hướng của chỉ tiêu (goal)",
    "this goal needs its %(edge)s edge": "hướng này cần cận %(edge)s",
    "lower is above upper": "cận dưới lớn hơn cận trên",
    "a sum begins at 0: it has no path from a baseline": "chỉ tiêu cộng dồn bắt đầu từ 0, không có đường từ mốc đầu",
    "a path starts from a baseline": "phương thức path cần mức đầu kỳ (baseline)",
    "only a sum has a season": "chỉ chỉ tiêu cộng dồn mới có mùa vụ",
    "a milestone must name the %(edge)s edge": "ít nhất một mốc phải nêu cận %(edge)s",
    "a milestone lies inside the period and before its last day": "mốc phải nằm trong kỳ và trước ngày cuối kỳ",
    "one milestone a day": "mỗi ngày chỉ một mốc",
    "no figure of frequency %(frequency)s can begin on %(day)s": "không có kỳ %(frequency)s nào bắt đầu ngày %(day)s",
    "the whole is asked for from the first day: give milestones or a baseline": (
        "toàn bộ bị đòi hỏi ngay từ ngày đầu: hãy thêm các mốc hoặc mức đầu kỳ"
    ),
}


def to_item(finding: TermsFinding) -> ProblemItem:
    vietnamese = _VIETNAMESE.get(finding.message)
    translated = vietnamese % finding.params if vietnamese else finding.detail
    return ProblemItem(finding.pointer, finding.slug, text(_to_sentence(finding.detail), _to_sentence(translated)))


def raise_findings(findings: Iterable[TermsFinding]) -> None:
    if items := [to_item(finding) for finding in findings]:
        raise ValidationProblem(items=items)


def _to_sentence(message: str) -> str:
    return message[:1].upper() + message[1:] + "."
