"""Why a target has no value, as a phrase in the active language."""

from indicators.domain.missing_values import MissingSlug
from kpitracker.lib.i18n.text import translate
from targets.payloads.assessments import MissingReasonPayload
from targets.services.text import formatting


def missing_phrase(reason: MissingReasonPayload) -> str:
    """Return what is missing, such as `no value, because figures for the first quarter of 2024 are missing`."""
    slug, code = reason["slug"], reason["indicator"] or ""
    span = formatting.format_period(reason["period"]) if reason["period"] else ""
    day = formatting.format_day(reason["day"]) if reason["day"] else ""
    areas = ", ".join(reason["areas"])
    match slug:
        case MissingSlug.GAP:
            return translate(f"figures of {code} for {span} are missing", f"thiếu số liệu {code} của {span}")
        case MissingSlug.BASE_MISSING:
            return translate(
                f"no growth, because figures of {code} for {span} to compare with are missing",
                f"chưa tính được tốc độ tăng vì thiếu số liệu {code} của {span} để so sánh",
            )
        case MissingSlug.BASE_NOT_ABOVE_ZERO:
            return translate(
                f"no growth, because the value for {span} to compare with is not above zero",
                f"không tính được tốc độ tăng vì giá trị so sánh của {span} không lớn hơn 0",
            )
        case MissingSlug.DIVISION_BY_ZERO:
            return translate(
                f"{code} cannot be computed for {span}: a division by zero",
                f"không tính được {code} của {span}: chia cho 0",
            )
        case MissingSlug.SERIES_BREAK:
            return translate(
                f"{code} has been measured in another way since {day}, figures before and after cannot be compared or added",
                f"{code} đo theo cách khác từ {day}, số liệu trước và sau không so sánh hay cộng được với nhau",
            )
        case MissingSlug.TERRITORY_CHANGED if areas:
            return translate(
                f"areas merged on {day}: to compare like with like, figures of {code} for {span} are missing from {areas}",
                f"địa bàn sáp nhập từ {day}: để so sánh cùng phạm vi, còn thiếu số liệu {code} của {span} từ {areas}",
            )
        case MissingSlug.TERRITORY_CHANGED:
            return translate(
                f"areas merged on {day}: figures of {code} before and after speak of different areas",
                f"địa bàn sáp nhập từ {day}: số liệu {code} trước và sau thuộc phạm vi địa bàn khác nhau",
            )
    return translate(f"figures of {code} for {span} are missing", f"thiếu số liệu {code} của {span}")
