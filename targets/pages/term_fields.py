"""What forms say about the terms of a target, on pages and in the admin."""

from kpitracker.lib.i18n.text import text
from targets.models import Target, TargetVersion

HELP_TEXTS = {
    "lower": text(
        "The value that must be reached. For a target to stay below: the ambition. Empty: none.",
        "Mức phải đạt; nếu là mức không được vượt thì đây là mức phấn đấu. Để trống: không có.",
    ),
    "upper": text(
        "The ambition. For a target to stay below: the value that must not be exceeded. Empty: none.",
        "Mức phấn đấu; nếu phải giữ ở dưới thì đây là mức không được vượt. Để trống: không có.",
    ),
    "lower_open": text("The lower edge itself is outside.", "Không kể chính cận dưới."),
    "upper_open": text("The upper edge itself is outside.", "Không kể chính cận trên."),
    "profile": text("How much is expected at each point of the period.", "Mức cần đạt tại từng thời điểm trong kỳ."),
    "baseline": text("The value from which progress is measured.", "Điểm xuất phát để tính tiến độ."),
    "tolerance": text(
        "A shortfall up to this is at risk, not off track; in the unit of the target.",
        "Thiếu không quá mức này là có nguy cơ, chưa phải chậm; theo đơn vị tính.",
    ),
    "tolerance_percent": text(
        "The same in percent. Both empty: the default.", "Như trên, theo %. Để trống cả hai: mặc định."
    ),
    "act": text("The document that decided it, such as a resolution.", "Văn bản quyết định, ví dụ nghị quyết."),
}  # fmt: skip


def field_label(name: str) -> str:
    """The label of a field of targets or of their versions."""
    model = next((model for model in (Target, TargetVersion) if hasattr(model, name)), None)
    return str(model._meta.get_field(name).verbose_name) if model else name  # type: ignore[union-attr]
