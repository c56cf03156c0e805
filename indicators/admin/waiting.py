"""What waits in the lists of figures, approvals, imports and account e-mails."""

from datetime import timedelta
from typing import Final

from django.db.models import Exists, OuterRef, Q

from indicators.models import Import, Revision
from kpitracker.lib import clock
from kpitracker.lib.admin.attention import Attention
from kpitracker.lib.i18n.text import text, translate

# What is older is seen in the lists; as work that waits it would never end.
RECENT: Final = timedelta(days=30)
# A message that should have been sent this long ago is held up.
SENDING_TAKES: Final = timedelta(minutes=10)

PENDING_APPROVALS = Attention(
    "pending",
    text("waits for a decision", "chờ duyệt"),
    lambda: Q(state="pending"),
    lambda count: translate(
        f"{count} {'figure waits' if count == 1 else 'figures wait'} for the approval of a second person",
        f"{count} số liệu chờ người thứ hai duyệt",
    ),
    in_menu=True,
)
OPEN_IMPORTS = Attention(
    "open",
    text("not finished", "chưa xong"),
    lambda: Q(state__in=Import.OPEN),
    lambda count: translate(
        f"{count} {'file waits' if count == 1 else 'files wait'} to be read",
        f"{count} tệp số liệu đang chờ đọc",
    ),
    in_menu=True,
)
UNCONFIRMED_IMPORTS = Attention(
    "confirm",
    text("waits for its sender", "chờ người gửi xác nhận"),
    lambda: (
        Q(
            dry_run=True,
            file_kept=True,
            state="done",
            confirmed_by=None,
            created_at__gte=clock.now() - timedelta(days=1),
        )
        & (Q(created__gt=0) | Q(revised__gt=0))
    ),
    lambda count: translate(
        f"{count} {'file is checked and waits' if count == 1 else 'files are checked and wait'} for the sender to confirm",
        f"{count} tệp số liệu đã kiểm tra, chờ người gửi xác nhận",
    ),
    in_menu=True,
)
DOUBTFUL_FIGURES = Attention(
    "doubtful",
    text("in doubt, of the last 30 days", "đáng ngờ, trong 30 ngày qua"),
    lambda: Q(
        Exists(Revision.objects.filter(pk=OuterRef("current_revision")).exclude(warnings=[])),
        recorded_at__gte=clock.now() - RECENT,
    ),
    lambda count: translate(
        f"{count} {'figure' if count == 1 else 'figures'} of the last 30 days {'is' if count == 1 else 'are'} in doubt",
        f"{count} số liệu ghi trong 30 ngày qua đáng ngờ",
    ),
)
FAILED_EMAILS = Attention(
    "failed",
    text("not sent, of the last 30 days", "không gửi được, trong 30 ngày qua"),
    lambda: Q(state="failed", due_at__gte=clock.now() - RECENT),
    lambda count: translate(
        f"{count} account {'e-mail' if count == 1 else 'e-mails'} of the last 30 days could not be sent",
        f"{count} thư gửi người dùng trong 30 ngày qua không gửi được",
    ),
    in_menu=True,
)
HELD_EMAILS = Attention(
    "held",
    text("held up", "đang bị giữ"),
    lambda: Q(state__in=["pending", "sending"], due_at__lte=clock.now() - SENDING_TAKES),
    lambda count: translate(
        f"{count} account {'e-mail is' if count == 1 else 'e-mails are'} held up: delivery is paused or does not run",
        f"{count} thư gửi người dùng đang bị giữ: việc gửi tạm dừng hoặc không chạy",
    ),
    in_menu=True,
)
