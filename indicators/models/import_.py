"""Imports: batches of figures, their progress and the results of their rows."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.formats import date_format

from indicators.models.department import Department
from indicators.querysets import ImportProblemQuerySet, ImportQuerySet
from kpitracker.lib.db.fields import Uuid7Field
from kpitracker.lib.i18n.text import text

IMPORT_STATES = {
    "queued": text("waiting", "đang chờ"),
    "checking": text("being checked", "đang kiểm tra"),
    "running": text("being stored", "đang ghi"),
    "done": text("done", "xong"),
    "rejected": text("rejected, nothing stored", "bị từ chối, không ghi gì"),
    "failed": text("cannot be read", "không đọc được"),
    "undone": text("undone", "đã hoàn tác"),
}
OPEN = ("queued", "checking", "running")
MAX_SHEET_NAME = 100


class Import(models.Model):
    """One batch. The worker processes it after the request, with the rights in `posted_by`, `scopes`, `department`."""

    id = Uuid7Field(primary_key=True)
    created_at = models.DateTimeField(text("sent", "gửi lúc"))
    posted_by = models.CharField(text("sent by", "người gửi"), max_length=200)
    department = models.ForeignKey(
        Department,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=text("department", "đơn vị"),
    )
    scopes = models.JSONField(default=list, blank=True)
    address = models.CharField(max_length=45, blank=True, default="")
    person = models.BigIntegerField(null=True)
    file_name = models.CharField(text("file", "tệp"), max_length=200, blank=True, default="")
    format = models.CharField(text("format", "định dạng"), max_length=10)
    locale = models.CharField(max_length=2, blank=True, default="")
    sheet = models.CharField(text("sheet", "trang tính"), max_length=MAX_SHEET_NAME, blank=True, default="")
    atomic = models.BooleanField(text("all or nothing", "tất cả hoặc không"), default=True)
    dry_run = models.BooleanField(text("dry run", "chạy thử"), default=False)
    quiet = models.BooleanField(
        text("without notifications", "không thông báo"),
        default=False,
        help_text=text("No alert follows from its figures.", "Số liệu không làm phát sinh cảnh báo."),
    )
    state = models.CharField(
        text("state", "tình trạng"), max_length=8, choices=list(IMPORT_STATES.items()), default="queued"
    )
    size = models.BigIntegerField(text("bytes", "số byte"), default=0)
    rows = models.PositiveIntegerField(text("rows", "số dòng"), null=True)
    rows_done = models.PositiveIntegerField(text("rows done", "dòng đã xong"), default=0)
    created = models.PositiveIntegerField(text("created", "ghi mới"), default=0)
    revised = models.PositiveIntegerField(text("revised", "sửa"), default=0)
    unchanged = models.PositiveIntegerField(text("unchanged", "không đổi"), default=0)
    rejected = models.PositiveIntegerField(text("rejected", "bị từ chối"), default=0)
    warnings = models.PositiveIntegerField(text("warnings", "lưu ý"), default=0)
    doubtful_rows = models.JSONField(
        default=list,
        blank=True,
        help_text="Of a dry run, the first rows with warnings: what was read, and the warnings.",
    )
    problem = models.JSONField(null=True, blank=True, help_text="Why the whole import failed.")
    undo = models.JSONField(null=True, blank=True, help_text="What an undo withdrew, and what it could not withdraw.")
    finished_at = models.DateTimeField(text("finished", "xong lúc"), null=True)
    file_kept = models.BooleanField(
        default=False, help_text="A dry run that can be confirmed: its file is kept for a day."
    )
    confirms = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="confirmed_by",
        help_text="The dry run whose file this imports. A dry run is confirmed once.",
    )

    OPEN = OPEN
    objects = ImportQuerySet.as_manager()

    class Meta:
        verbose_name = text("import", "lần nhập")
        verbose_name_plural = text("imports", "các lần nhập")
        constraints = [
            models.CheckConstraint(condition=Q(state__in=list(IMPORT_STATES)), name="indicators_import_valid_state"),
            models.CheckConstraint(
                condition=Q(rows=None) | Q(rows_done__lte=F("rows")), name="indicators_import_rows_done_within_rows"
            ),
            models.CheckConstraint(
                condition=~Q(state="done") | Q(rows=F("created") + F("revised") + F("unchanged") + F("rejected")),
                name="indicators_import_counts_add_up",
            ),
        ]
        indexes = [
            # Read by the job: the imports that are not finished.
            models.Index(fields=["created_at"], condition=Q(state__in=OPEN), name="indicators_import_open")
        ]

    def __str__(self) -> str:
        return f"{self.file_name or self.format} {date_format(timezone.localtime(self.created_at), 'DATETIME_FORMAT')}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def is_confirmable(self) -> bool:
        """Whether this is a finished dry run with figures to write, whose file was kept for the import."""
        return self.file_kept and self.state == "done" and self.created + self.revised > 0

    @property
    def stored(self) -> int:
        """How many revisions were stored so far or, in a dry run, would be."""
        if self.atomic and (self.rejected if self.dry_run else self.state not in ("done", "undone")):
            return 0
        return self.created + self.revised

    @property
    def is_undoable(self) -> bool:
        return self.state in ("done", "failed") and not self.dry_run


class ImportProblem(models.Model):
    """A rejected row of an import, and the reason."""

    batch = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="problems")
    row = models.PositiveIntegerField(text("row", "dòng"))
    pointer = models.CharField(max_length=300, blank=True, default="")
    slug = models.CharField(max_length=60)
    detail_en = models.TextField()
    detail_vi = models.TextField()
    indicator = models.CharField(text("indicator", "chỉ số"), max_length=200, blank=True, default="")
    period = models.CharField(text("period", "kỳ"), max_length=200, blank=True, default="")

    objects = ImportProblemQuerySet.as_manager()

    class Meta:
        verbose_name = text("rejected row", "dòng bị từ chối")
        verbose_name_plural = text("rejected rows", "các dòng bị từ chối")
        constraints = [models.UniqueConstraint(fields=["batch", "row"], name="indicators_importproblem_row_unique")]

    def __str__(self) -> str:
        return f"{self.row}: {self.slug}"
