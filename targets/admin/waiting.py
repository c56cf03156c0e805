"""What waits in the lists of targets and deliveries."""

from datetime import timedelta
from typing import Final

from django.db.models import Q

from indicators.models import SeriesChange
from kpitracker.lib import clock
from kpitracker.lib.admin.attention import Attention
from kpitracker.lib.i18n.text import text, translate
from targets.services.assessment.assess import targets_affected_by
from targets.services.notifications import pause

# What is older is seen in the list; as work that waits it would never end.
RECENT: Final = timedelta(days=30)
# A message that should have been sent this long ago is held up.
SENDING_TAKES: Final = timedelta(minutes=10)
# Changes of the last moments are being assessed.
ASSESSING_TAKES: Final = timedelta(minutes=1)


def _is_held() -> Q:
    due_before = clock.now() - (timedelta(0) if pause.is_paused() else SENDING_TAKES)
    return Q(state__in=["pending", "sending"], due_at__lte=due_before)


def _is_unassessed() -> Q:
    marks = SeriesChange.objects.filter(recorded_at__lte=clock.now() - ASSESSING_TAKES)
    pairs = set(marks.values_list("indicator_id", "area_id"))
    return Q(pk__in=targets_affected_by(pairs) if pairs else ())


UNASSESSED_TARGETS = Attention(
    "unassessed",
    text("figures changed, not assessed yet", "số liệu đã đổi, chưa đánh giá lại"),
    _is_unassessed,
    lambda count: translate(
        f"{count} {'target is' if count == 1 else 'targets are'} not assessed yet after changes of figures",
        f"{count} chỉ tiêu chưa được đánh giá lại sau khi số liệu thay đổi",
    ),
)
FAILED_DELIVERIES = Attention(
    "failed",
    text("not sent, of the last 30 days", "không gửi được, trong 30 ngày qua"),
    lambda: Q(state="failed", due_at__gte=clock.now() - RECENT),
    lambda count: translate(
        f"{count} {'message' if count == 1 else 'messages'} of the last 30 days could not be sent",
        f"{count} tin cảnh báo trong 30 ngày qua không gửi được",
    ),
    in_menu=True,
)
HELD_DELIVERIES = Attention(
    "held",
    text("held up", "đang bị giữ"),
    _is_held,
    lambda count: translate(
        f"{count} {'message is' if count == 1 else 'messages are'} held up: delivery is paused or does not run",
        f"{count} tin cảnh báo đang bị giữ: việc gửi tạm dừng hoặc không chạy",
    ),
    in_menu=True,
)
