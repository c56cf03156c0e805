"""Readable texts of audit entries."""

import re
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils import timezone
from django.utils.formats import date_format

from kpitracker.lib.db.fields import ExactDecimalField
from kpitracker.lib.i18n.text import text
from kpitracker.lib.models import AuditEntry
from kpitracker.lib.numbers import localize_number

_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ISO_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9.]+[+-][0-9]{2}:[0-9]{2}")


class FieldChange(NamedTuple):
    """One changed field, before and after; "–" for no value."""

    field: str
    before: str
    after: str


def field_changes(entry: AuditEntry) -> list[FieldChange]:
    names = list(dict.fromkeys([*entry.before, *entry.after]))
    return [
        FieldChange(
            _field_label(entry.kind, name),
            _format_value(entry, name, entry.before),
            _format_value(entry, name, entry.after),
        )
        for name in names
        if entry.before.get(name) not in (None, "") or entry.after.get(name) not in (None, "")
    ]


def model_label(label: str) -> str:
    """Readable name of a model; its label when the model no longer exists."""
    try:
        return str(apps.get_model(label)._meta.verbose_name)
    except (LookupError, ValueError):
        return label


def _model_field(label: str, name: str) -> Any:
    """The field of the model; else that of rows that belong to it, such as versions; None if there is none."""
    try:
        options = apps.get_model(label)._meta
    except (LookupError, ValueError):
        return None
    for model_options in (options, *(relation.related_model._meta for relation in options.related_objects)):
        with suppress(FieldDoesNotExist):
            field = model_options.get_field(name)
            if model_options is options or field.concrete:
                return field
    return None


def _field_label(label: str, name: str) -> str:
    verbose_name = str(getattr(_model_field(label, name), "verbose_name", ""))
    is_named = verbose_name and verbose_name != name.replace("_", " ")
    return verbose_name if is_named else str(_OTHER_LABELS.get(name, verbose_name or name))


def _format_value(entry: AuditEntry, name: str, values: dict[str, Any]) -> str:
    value = values.get(name)
    if value in (None, "", []):
        return "–"
    if isinstance(value, bool):
        return str(text("yes", "có") if value else text("no", "không"))
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    field = _model_field(entry.kind, name)
    choices = dict(getattr(field, "flatchoices", ()))
    if isinstance(value, str) and value in choices:
        return str(choices[value])
    return _localize(field, str(value))


def _localize(field: Any, value: str) -> str:
    """A stored number, day or moment in the notation of the page; other texts as they are."""
    try:
        if isinstance(field, ExactDecimalField):
            return localize_number(Decimal(value))
        # The fields of a version stand in the entry of its target, so their types are not known here.
        if isinstance(field, models.DateTimeField) or (field is None and _ISO_MOMENT.fullmatch(value)):
            return date_format(timezone.localtime(datetime.fromisoformat(value)), "DATETIME_FORMAT")
        if isinstance(field, models.DateField) or (field is None and _ISO_DAY.fullmatch(value)):
            return date_format(date.fromisoformat(value))
    except (ArithmeticError, ValueError):
        pass  # the field may have had another type when the entry was written
    return value


# Keys that are no field of a model, and fields whose model gives them no name.
_OTHER_LABELS = {
    "uid": text("identifier", "mã định danh"),
    "pepper": text("version of the server secret", "phiên bản bí mật máy chủ"),
    "previous_pepper": text("earlier version of the server secret", "phiên bản bí mật máy chủ trước"),
    "successor": text("new key", "khóa mới"),
    "is_staff": text("may log in", "được đăng nhập"),
    "sessions": text("ended sessions", "số lần kết thúc phiên"),
    "revision": text("revision", "lần sửa"),
    "revision_id": text("identifier of the revision", "mã lần sửa"),
    "revisions": text("revisions", "số lần sửa"),
    "current_revision": text("revision in force", "lần sửa có hiệu lực"),
    "measurement": text("figure", "số liệu"),
    "batch": text("import", "lần nhập"),
    "reason": text("reason", "lý do"),
    "sha256": text("digest (SHA-256)", "mã băm (SHA-256)"),
    "digest": text("digest (SHA-256)", "mã băm (SHA-256)"),
    "first": text("first revision", "lần sửa đầu"),
    "last": text("last revision", "lần sửa cuối"),
    "undo": text("undo", "hoàn tác"),
    "not_undone": text("not undone", "không hoàn tác được"),
    "bytes": text("bytes", "số byte"),
    "confirms": text("confirmed preview", "bản xem trước được xác nhận"),
    "doubtful_rows": text("doubtful rows", "dòng đáng ngờ"),
    "file_kept": text("file is kept", "giữ tệp"),
    "scopes": text("scopes", "quyền"),
    "address": text("address", "địa chỉ"),
    "person": text("user", "người dùng"),
    "locale": text("notation", "cách ghi số và ngày"),
    "problem": text("error", "lỗi"),
    "slug": text("kind of error", "loại lỗi"),
    "quiet": text("without notifications", "không thông báo"),
    "status": text("status", "đánh giá"),
    "paused": text("delivery is paused", "tạm dừng gửi"),
    "skipped": text("skipped", "bỏ qua"),
    "cooperating": text("cooperating departments", "đơn vị phối hợp"),
    "parts": text("parts", "các thành phần"),
    "snapshot": text("facts when it was written", "nội dung lúc ghi"),
    "webhook": text("webhook", "địa chỉ nhận (webhook)"),
    "interrupted_attempts": text("interrupted attempts", "số lần gửi bị ngắt"),
    "target": text("target", "chỉ tiêu"),
    "indicator": text("indicator", "chỉ số"),
    "department": text("department", "đơn vị"),
    "severity_rank": text("rank of the severity", "thứ bậc mức độ"),
    "figure_count": text("number of figures", "số số liệu"),
    "trigger_key": text("occasion", "lần phát sinh"),
    "message_count": text("number of messages", "số thông báo"),
    "reminder_count": text("number of reminders", "số lần nhắc"),
    "escalation_counted_from": text("escalation counted from", "tính báo cấp trên từ"),
    "recent": text("latest revisions", "các lần sửa mới nhất"),
}
