"""Suspend, resume and withdraw targets by amendments: which state the next version has, and what it requires."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from django.utils import timezone
from django.utils.formats import date_format

from indicators.services.access.person_names import shown_name
from kpitracker.lib.errors import Conflict, PreconditionFailed, ProblemItem, ValidationProblem
from kpitracker.lib.i18n.text import text
from kpitracker.lib.text_validation import is_blank
from targets.domain.choices import VersionState
from targets.domain.versions import VersionSummary, version_in_force
from targets.models import Target, TargetVersion
from targets.models.target import VERSION_STATE_LABELS


def check_first_state(state: str) -> None:
    """Raises `ValidationProblem` (invalid-choice) for a new target that is suspended or withdrawn."""
    if VersionState(state).is_ended:
        raise ValidationProblem(
            "invalid-choice",
            text(
                "A new target is a draft or adopted. Suspend or withdraw it later, by an amendment.",
                "Chỉ tiêu mới là dự thảo hoặc ban hành. Muốn tạm dừng hoặc bãi bỏ thì điều chỉnh sau.",
            ),
            pointer="/state",
        )


def check_last_seen(target: Target, number: int | None) -> None:
    """Raises `PreconditionFailed` if the target has a later version than this one; None: the caller does not ask."""
    last = target.versions.order_by("-number").first()
    if number is None or last is None or last.number <= number:
        return
    author = shown_name(last.author)
    moment = date_format(timezone.localtime(last.recorded_at), "DATETIME_FORMAT")
    state = VERSION_STATE_LABELS[VersionState(last.state)]
    raise PreconditionFailed(
        detail=text(
            f"{author} has stored version {last.number} ({state}; {last.act or 'no act'}) meanwhile, on {moment}. Nothing was "
            "stored; what you typed stands here. Send it again to store it after that version.",
            f"{author} vừa lưu phiên bản {last.number} ({state}; {last.act or 'không nêu văn bản'}) lúc {moment}. Chưa lưu gì; "
            "nội dung bạn nhập vẫn còn. Gửi lần nữa để lưu tiếp sau phiên bản đó.",
        )
    )


def decide_next_state(versions: Sequence[TargetVersion], requested: str | None, announced: date) -> VersionState:
    """Return the state of an amendment. Without a requested one: the first adopts, all others amend.

    Raises `Conflict` (target-withdrawn) after a withdrawal, `ValidationProblem` (required) for a suspended target, and
    (invalid-choice) for one that would be suspended twice.
    """
    if any(version.state == VersionState.WITHDRAWN for version in versions):
        raise Conflict(
            "target-withdrawn",
            text(
                "The target was withdrawn, so it cannot be amended: create a new target in another plan or period.",
                "Chỉ tiêu đã bãi bỏ nên không điều chỉnh được: hãy lập chỉ tiêu mới ở kế hoạch hoặc kỳ khác.",
            ),
            pointer="",
        )
    if requested == VersionState.SUSPENDED:
        _check_not_suspended(versions, announced)
    if requested and requested != VersionState.AMENDED:
        return VersionState(requested)
    in_force = version_on(versions, announced)
    if in_force is not None and in_force.state == VersionState.SUSPENDED:
        raise ValidationProblem(
            "required",
            text(
                "The target is suspended. State adopted takes it up again, state withdrawn ends it.",
                "Chỉ tiêu đang tạm dừng. Ghi adopted để thực hiện lại, withdrawn để bãi bỏ.",
            ),
            pointer="/state",
        )
    is_adopted = _adopted_on(versions) is not None
    return VersionState(requested or (VersionState.AMENDED if is_adopted else VersionState.ADOPTED))


def _check_not_suspended(versions: Sequence[TargetVersion], announced: date) -> None:
    """A second suspension would leave open from which of two days the target does not count."""
    in_force = version_on(versions, announced)
    later = sorted(
        (version for version in versions if version.announced > announced and version.state != VersionState.DRAFT),
        key=lambda version: (version.announced, version.number),
    )
    for version in (in_force, *later[:1]):
        if version is not None and version.state == VersionState.SUSPENDED:
            day = date_format(version.announced)
            detail = text(f"The target is already suspended from {day} on.", f"Chỉ tiêu đã tạm dừng từ ngày {day}.")
            raise ValidationProblem("invalid-choice", detail, pointer="/state")


def _adopted_on(versions: Sequence[TargetVersion]) -> date | None:
    return min((row.announced for row in versions if row.state != VersionState.DRAFT), default=None)


def version_before_end(
    versions: Sequence[TargetVersion], announced: date, announcement: Mapping[str, object]
) -> TargetVersion:
    """Return the version that a suspension or withdrawal ends: the one in force on the day before.

    Raises `ValidationProblem`: required without act or reason; invalid-choice for a draft; invalid-date when the target was
    not adopted before.
    """
    if all(version.state == VersionState.DRAFT for version in versions):
        detail = text("A draft is deleted instead.", "Dự thảo thì xóa, không tạm dừng hay bãi bỏ.")
        raise ValidationProblem("invalid-choice", detail, pointer="/state")
    details = {
        "act": text("Give the act that decided it.", "Hãy nêu văn bản quyết định."),
        "reason": text("Give a reason.", "Hãy nêu lý do."),
    }
    missing = [
        ProblemItem(f"/{name}", "required", detail)
        for name, detail in details.items()
        if is_blank(str(announcement.get(name) or ""))
    ]
    if missing:
        raise ValidationProblem(items=missing)
    version = version_on(versions, announced - timedelta(days=1))
    if version is None or version.state == VersionState.DRAFT:
        first = _adopted_on(versions) or announced
        detail = text(
            f"The target was adopted on {date_format(first)}: give a later day.",
            f"Chỉ tiêu ban hành ngày {date_format(first)}: cần ngày sau đó.",
        )
        raise ValidationProblem("invalid-date", detail, pointer="/announced")
    return version


def check_terms_stay(version: TargetVersion, terms: Mapping[str, object]) -> None:
    """Raises `ValidationProblem` (immutable) for terms that differ: a suspension or withdrawal keeps those before it."""
    detail = text("A suspension or withdrawal changes no terms.", "Tạm dừng hoặc bãi bỏ không thay đổi mức chỉ tiêu.")
    changed = [name for name, value in terms.items() if value != getattr(version, name)]
    if changed:
        raise ValidationProblem(items=[ProblemItem(f"/{name}", "immutable", detail) for name in changed])


def check_deletable(target: Target) -> None:
    """Raises `Conflict` (in-use) unless the target is a draft that was never adopted."""
    if target.versions.exclude(state=VersionState.DRAFT).exists():
        raise Conflict(
            "in-use",
            text(
                "It was announced, so it cannot be deleted: withdraw it by an amendment with state withdrawn.",
                "Chỉ tiêu đã ban hành nên không xóa được: hãy bãi bỏ bằng một điều chỉnh (withdrawn).",
            ),
        )


def version_on(versions: Sequence[TargetVersion], day: date) -> TargetVersion | None:
    """The version in force on a day; None before the first one was announced."""
    summaries = [VersionSummary(version.number, version.announced, version.state) for version in versions]
    in_force = version_in_force(summaries, day)
    return next((version for version in versions if in_force and version.number == in_force.number), None)
