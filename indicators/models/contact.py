"""Contacts: who receives alerts, where, in which language and when."""

from django.db import models
from django.db.models import F, Q

from indicators.domain.choices import ContactChannel, ContactLanguage, ContactRole, ContactSeverity
from indicators.domain.delivery_hours import DeliveryHours, DigestFrequency, ReportFrequency
from indicators.models.department import Department
from indicators.querysets import ContactQuerySet
from kpitracker.lib.db.fields import Uuid7Field
from kpitracker.lib.i18n.text import text
from kpitracker.lib.models import VersionedModel
from kpitracker.lib.own_part import OwnPartModel

CONTACT_ROLES = {
    ContactRole.DEPARTMENT: text("alerts of its department", "việc của đơn vị"),
    ContactRole.LEADERS: text("alerts for the leadership", "việc trình lãnh đạo"),
    ContactRole.EVERYTHING: text("everything", "mọi việc"),
}
CONTACT_CHANNELS = {
    ContactChannel.EMAIL: text("e-mail", "thư điện tử"),
    ContactChannel.CHAT: text("chat", "nhóm trò chuyện"),
}
CONTACT_LANGUAGES = {
    ContactLanguage.BOTH: text("both languages", "cả hai ngôn ngữ"),
    ContactLanguage.VIETNAMESE: text("Vietnamese", "tiếng Việt"),
    ContactLanguage.ENGLISH: text("English", "tiếng Anh"),
}
CONTACT_SEVERITIES = {
    ContactSeverity.INFO: text("all", "tất cả"),
    ContactSeverity.WARNING: text("warnings and worse", "từ cảnh báo trở lên"),
    ContactSeverity.CRITICAL: text("critical ones only", "chỉ nghiêm trọng"),
}
DIGESTS = {
    DigestFrequency.NONE: text("each message at once", "từng tin ngay khi có"),
    DigestFrequency.DAILY: text("one a day", "tổng hợp mỗi ngày"),
    DigestFrequency.WEEKLY: text("one a week", "tổng hợp mỗi tuần"),
}

MEETING_REPORTS = {
    ReportFrequency.NONE: text("never", "không gửi"),
    ReportFrequency.WEEKLY: text("every week", "mỗi tuần"),
    ReportFrequency.MONTHLY: text("every month", "mỗi tháng"),
}


class Contact(OwnPartModel, VersionedModel):
    """A person or a group that receives alerts. `address` is an e-mail address or the name of a chat in `CHAT_PLACES`.

    The address of a chat is a secret, therefore it stands in the settings. Alerts about a restricted indicator go
    only to contacts of departments that may see it. A contact without a department receives alerts of all of them.
    """

    id = Uuid7Field(primary_key=True)
    name = models.CharField(text("name", "tên"), max_length=200)
    department = models.ForeignKey(
        Department,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="contacts",
        verbose_name=text("department", "đơn vị"),
        help_text=text("Empty: the whole organisation.", "Để trống: toàn tổ chức."),
    )
    role = models.CharField(
        text("receives", "nhận tin về"),
        max_length=10,
        choices=[(k.value, v) for k, v in CONTACT_ROLES.items()],
        default=ContactRole.DEPARTMENT.value,
    )
    channel = models.CharField(
        text("channel", "kênh"),
        max_length=5,
        choices=[(k.value, v) for k, v in CONTACT_CHANNELS.items()],
        default=ContactChannel.EMAIL.value,
    )
    address = models.CharField(
        text("address", "địa chỉ"),
        max_length=254,
        help_text=text(
            "An e-mail address, or the name of a chat in CHAT_PLACES.",
            "Địa chỉ thư điện tử, hoặc tên một nhóm trong CHAT_PLACES.",
        ),
    )
    language = models.CharField(
        text("language", "ngôn ngữ"),
        max_length=2,
        choices=[(k.value, v) for k, v in CONTACT_LANGUAGES.items()],
        blank=True,
        default="",
    )
    min_severity = models.CharField(
        text("minimum severity", "nhận từ mức"),
        max_length=8,
        choices=[(k.value, v) for k, v in CONTACT_SEVERITIES.items()],
        default=ContactSeverity.INFO.value,
    )
    quiet_from = models.TimeField(text("quiet from", "không gửi từ"), null=True, blank=True)
    quiet_until = models.TimeField(text("quiet until", "không gửi đến"), null=True, blank=True)
    working_days_only = models.BooleanField(
        text("on working days only", "chỉ ngày làm việc"),
        default=False,
        help_text=text("Messages wait for the next working day.", "Tin đến ngày nghỉ chờ đến ngày làm việc kế tiếp."),
    )
    digest = models.CharField(
        text("how often", "tần suất"),
        max_length=6,
        choices=[(k.value, v) for k, v in DIGESTS.items()],
        blank=True,
        default="",
        help_text=text(
            "At 7:30; the weekly one on Monday, with the board.",
            "Lúc 7 giờ 30; mỗi tuần vào thứ hai, kèm bảng theo dõi.",
        ),
    )
    meeting_report = models.CharField(
        text("meeting report", "báo cáo họp"),
        max_length=7,
        choices=[(k.value, v) for k, v in MEETING_REPORTS.items()],
        blank=True,
        default="",
        help_text=text(
            "The board, the worst targets, the actions and what changed: on Monday at 7:30, monthly on the first Monday.",
            "Bảng theo dõi, các chỉ tiêu kém nhất, biện pháp và những thay đổi: 7 giờ 30 thứ hai, mỗi tháng vào thứ hai đầu tháng.",
        ),
    )
    active = models.BooleanField(text("active", "đang dùng"), default=True)

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = text("contact", "đầu mối nhận tin")
        verbose_name_plural = text("contacts", "đầu mối nhận tin")
        constraints = [
            models.UniqueConstraint(
                fields=["department", "channel", "address"], name="indicators_contact_address_unique"
            ),
            # A unique constraint treats two nulls as different.
            models.UniqueConstraint(
                fields=["channel", "address"],
                condition=Q(department=None),
                name="indicators_contact_global_address_unique",
            ),
            models.CheckConstraint(
                condition=Q(
                    role__in=[role.value for role in ContactRole],
                    channel__in=[channel.value for channel in ContactChannel],
                    language__in=[language.value for language in ContactLanguage],
                    min_severity__in=[severity.value for severity in ContactSeverity],
                    digest__in=[digest.value for digest in DigestFrequency],
                    meeting_report__in=[frequency.value for frequency in ReportFrequency],
                ),
                name="indicators_contact_valid_choices",
            ),
            models.CheckConstraint(
                condition=~Q(role="department") | Q(department__isnull=False),
                name="indicators_contact_department_required",
                violation_error_message=text("Name the department.", "Hãy chọn đơn vị."),
            ),
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_until=None)
                | (Q(quiet_from__isnull=False, quiet_until__isnull=False) & ~Q(quiet_from=F("quiet_until"))),
                name="indicators_contact_valid_quiet_hours",
                violation_error_message=text(
                    "Quiet hours need a beginning and a different end.",
                    "Giờ không gửi cần có bắt đầu và kết thúc khác nhau.",
                ),
            ),
            models.CheckConstraint(
                condition=~Q(address="") & ~Q(name=""), name="indicators_contact_name_and_address_not_empty"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def delivery_hours(self) -> DeliveryHours:
        return DeliveryHours(self.quiet_from, self.quiet_until, self.working_days_only, DigestFrequency(self.digest))
