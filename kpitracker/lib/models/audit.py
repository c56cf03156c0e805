"""The two tables of the audit. Both are append-only: triggers refuse updates and deletes."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from kpitracker.lib.db.fields import Uuid7Field
from kpitracker.lib.i18n.text import text

VERBS = {
    "created": text("created", "tạo"),
    "changed": text("changed", "sửa"),
    "deleted": text("deleted", "xóa"),
    "recorded": text("posted", "gửi số liệu"),
    "acknowledged": text("acknowledged", "tiếp nhận"),
    "amended": text("amended", "điều chỉnh"),
    "approved": text("approved", "duyệt"),
    "rejected": text("rejected", "từ chối"),
    "issued": text("issued", "cấp"),
    "rotated": text("replaced", "thay thế"),
    "revoked": text("revoked", "thu hồi"),
    "exposed": text("seen in an address", "bị lộ trong địa chỉ"),
    "invited": text("invited", "mời"),
    "reset": text("asked for a new password", "yêu cầu mật khẩu mới"),
    "password": text("set a password", "đặt mật khẩu"),
    "logged-in": text("logged in", "đăng nhập"),
    "opened": text("opened", "mở"),
    "worsened": text("worsened", "nặng thêm"),
    "resolved": text("closed", "đóng"),
}


class AuditEntry(models.Model):
    """One write. `actor` and `department` are plain values: the entry outlives the rows that they name."""

    id = Uuid7Field(primary_key=True)
    # The clock of the database: callers need not pass a time.
    at = models.DateTimeField(text("time", "thời điểm"), db_default=Now(), db_index=True)
    actor = models.CharField(text("actor", "người thực hiện"), max_length=200)
    department = models.BigIntegerField(text("department", "đơn vị"), null=True)
    address = models.CharField(text("IP address", "địa chỉ IP"), max_length=45, blank=True, default="")
    request_id = models.CharField(text("request", "yêu cầu"), max_length=64, blank=True, default="")
    verb = models.CharField(text("action", "việc"), max_length=12, choices=list(VERBS.items()))
    kind = models.CharField(text("type of object", "loại đối tượng"), max_length=60)
    object_id = models.CharField(max_length=60)
    label = models.CharField(text("object", "đối tượng"), max_length=300)
    before = models.JSONField(text("before", "trước"), default=dict)
    after = models.JSONField(text("after", "sau"), default=dict)

    class Meta:
        verbose_name = text("audit entry", "nhật ký")
        verbose_name_plural = text("audit", "nhật ký")
        constraints = [models.CheckConstraint(condition=Q(verb__in=list(VERBS)), name="lib_auditentry_valid_verb")]
        indexes = [models.Index(fields=["kind", "object_id"], name="lib_auditentry_object")]

    def __str__(self) -> str:
        return f"{self.actor} {self.verb} {self.label}"


class AuditSeal(models.Model):
    """The position of an entry in the chain. No foreign key: the seal must outlive a deleted entry."""

    position = models.BigIntegerField(primary_key=True)
    entry = models.UUIDField(unique=True)
    digest = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(position__gte=1), name="lib_auditseal_position_positive")]
