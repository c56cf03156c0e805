"""The JSON payloads of alerts, and the facts that are stored with an alert and with each message about it."""

from typing import Annotated, Literal, NotRequired, TypedDict

from kpitracker.lib.json_types import DateText, DecimalText, TimestampText, described, one_of
from targets.domain.alerting import AlertEvent, NotificationReason
from targets.payloads.assessments import AssessmentPayload, TargetFields
from targets.payloads.explanations import ExplanationJudgementPayload, FigurePayload, NamePayload, ReasonNamesPayload

# How many messages the response to a trial of a rule lists.
MAX_LISTED_MESSAGES = 1000


class AlertPayload(TypedDict):
    id: str
    rule: str
    severity: str
    target: str
    state: str
    status: str
    opened_at: TimestampText
    resolved_at: TimestampText | None
    message: str
    data_missing_since: Annotated[
        DateText | None,
        described("Since when the target has no value, because its figures vanished or never came."),
    ]
    last_notified_on: Annotated[DateText | None, described("The day of the last message.")]
    escalation_level: Annotated[int, described("How many levels up it was escalated.")]
    inhibited_by: Annotated[
        str | None,
        described("The alert that mutes this one: the department has posted none of its due figures."),
    ]
    next_check_at: Annotated[
        TimestampText | None,
        described("When it is reminded of, escalated or resolved if nothing is posted."),
    ]
    acknowledged_at: TimestampText | None
    acknowledged_by: str
    acknowledgement_note: Annotated[
        str, described("What the person wrote who acknowledged it: the cause, and what is being done.")
    ]
    promised_day: DateText | None
    resolved_by: str
    resolution_reason: str


class AlertDeliveryPayload(TypedDict):
    """A message about an alert to one recipient."""

    event: str
    channel: str
    recipient: str
    state: str
    attempts: int
    due_at: TimestampText
    sent_at: TimestampText | None


class AlertDetailPayload(AlertPayload):
    next_step: Annotated[
        str,
        one_of(NotificationReason),
        described("What happens at `next_check_at` if nothing is posted and no one responds."),
    ]
    has_no_open_action: Annotated[bool, described("Whether it is acknowledged although the target has no open action.")]
    deliveries: Annotated[list[AlertDeliveryPayload], described("Who was notified, when, by which channel.")]


class AlertSilencePayload(TypedDict):
    id: str
    alert: str
    starts_at: TimestampText
    ends_at: TimestampText
    author: str
    reason: str


class SilencePayload(TypedDict):
    """Applies to alerts that fit all of its matchers. Null or empty fits any; at least one matcher is set."""

    id: str
    rule: str | None
    target: str | None
    plan: str | None
    section: str
    department: Annotated[str | None, described("Including all departments below it.")]
    indicator: str | None
    area: str | None
    starts_at: TimestampText
    ends_at: TimestampText
    author: str
    reason: str


class WebhookPayload(TypedDict):
    id: str
    name: str
    department: Annotated[str | None, described("Null: the whole organisation. It never changes.")]
    url: str
    events: Annotated[list[Annotated[str, one_of(AlertEvent)]], described("Empty: all.")]
    active: bool
    disabled_reason: Annotated[str, described("Why messages are no longer sent to it.")]
    previous_secret_until: Annotated[
        TimestampText | None, described("Until then messages are also signed with the previous secret.")
    ]
    created_at: TimestampText


class WebhookSecretPayload(WebhookPayload):
    secret: Annotated[str | None, described("Shown once: not even a retry of the request shows it again.")]


class WebhookDeliveryPayload(TypedDict):
    """`id` is the header `webhook-id` of every copy."""

    id: str
    event: str
    alert: str | None
    state: Annotated[str, one_of(("pending", "sending", "sent", "failed", "dropped"))]
    attempts: int
    next_attempt_at: TimestampText | None
    sent_at: TimestampText | None
    response: Annotated[str, described("Status code and beginning of the last response.")]


class RuleTrialMessagePayload(TypedDict):
    """A message that the rule would have sent."""

    day: DateText
    reason: Annotated[str, one_of(reason for reason in NotificationReason if reason is not NotificationReason.NONE)]
    target: str
    status: str
    recipient: Annotated[str, described("Empty: there is no recipient.")]
    message: str


# `from` is a keyword of Python, so it cannot be the name of an attribute.
_TrialStart = TypedDict("_TrialStart", {"rule": str, "plan": str, "from": DateText})


class RuleTrialResultPayload(_TrialStart):
    to: DateText
    opened: Annotated[int, described("How many of the messages open an alert.")]
    whole: Annotated[bool, described(f"False: only the first {MAX_LISTED_MESSAGES} messages are listed.")]
    messages: list[RuleTrialMessagePayload]


class SnapshotNames(TypedDict):
    """The names for a message. `area_name` and so on are Vietnamese."""

    plan_name: str
    plan_name_en: str
    area_name: str
    area_name_en: str
    department_name: str | None
    department_name_en: str | None


class RecoveredFinding(TypedDict):
    """`over`, here and below: the condition does not hold any more."""

    kind: Literal["recovered"]
    before: str
    after: str
    over: NotRequired[bool]


class MetEarlyFinding(TypedDict):
    kind: Literal["met_early"]
    after: str
    covered_through: DateText | None
    ends: DateText
    over: NotRequired[bool]


class RevisionFinding(TypedDict):
    """The figure that was revised most; `others`: how many more were."""

    kind: Literal["revised_beyond"]
    indicator: str
    area: str
    period: str
    before: DecimalText
    after: DecimalText
    change: DecimalText
    percent: DecimalText | None
    others: int
    over: NotRequired[bool]


class EdgeValues(TypedDict):
    lower: DecimalText | None
    upper: DecimalText | None
    lower_open: bool
    upper_open: bool


class AmendmentFinding(TypedDict):
    kind: Literal["target_amended"]
    version: int
    announced: DateText
    act: str
    reason: str
    state: NotRequired[str]
    before: EdgeValues
    after: EdgeValues
    over: NotRequired[bool]


class DueSoonFinding(TypedDict):
    kind: Literal["due_soon"]
    period: str
    due: DateText
    over: NotRequired[bool]


class OverdueActionFinding(TypedDict):
    """The action with the latest due day; `others`: how many more are overdue."""

    kind: Literal["action_overdue"]
    text: str
    due: DateText
    person: str
    department: str
    department_en: str
    others: int
    over: NotRequired[bool]


class InhibitionFinding(TypedDict):
    """`waiting_count`: how many targets of the department wait for figures."""

    kind: Literal["overdue"]
    waiting_count: int
    over: NotRequired[bool]


Finding = (
    RecoveredFinding
    | MetEarlyFinding
    | RevisionFinding
    | AmendmentFinding
    | DueSoonFinding
    | OverdueActionFinding
    | InhibitionFinding
)


class EvaluationSnapshot(AssessmentPayload, TargetFields, SnapshotNames):
    """The facts of an evaluation, from which the text of a message can be written at any later time."""

    as_of: DateText
    before: str
    decimals: int
    lower: DecimalText | None
    upper: DecimalText | None
    lower_open: bool
    upper_open: bool
    figures: list[FigurePayload]
    judgement: ExplanationJudgementPayload | None


class AlertSnapshot(EvaluationSnapshot):
    """The facts at the time of a notification.

    `closed` says why the alert was resolved although its condition is not over. A delivery also has the severity, the
    time `at` of the event, and the names of the `recipients` (in English in `recipients_en`); if a user resolved the
    alert, who and why. `data_missing_since`: the day since which the target has no value, or a value that reaches less far
    than that of which the alert spoke, which reached `known_through`.
    `input_names`: of the indicators whose figures a formula reads.
    Snapshots of earlier releases lack `kind`, `about`, `reason_names` and `input_names`.
    """

    kind: NotRequired[str]
    about: NotRequired[bool]
    reason_names: NotRequired[ReasonNamesPayload | None]
    input_names: NotRequired[list[NamePayload]]
    finding: NotRequired[Finding]
    data_missing_since: NotRequired[DateText]
    known_through: NotRequired[DateText]
    closed: NotRequired[Literal["settled", "overdue", "target-suspended", "target-withdrawn"]]
    severity: NotRequired[str]
    at: NotRequired[TimestampText]
    recipients: NotRequired[list[str]]
    recipients_en: NotRequired[list[str]]
    resolved_by: NotRequired[str]
    resolution_reason: NotRequired[str]


class ReminderSnapshot(TargetFields, SnapshotNames):
    """The facts of a reminder of a corrective action."""

    target: str
    text: str
    person: str
    due_day: DateText
    created_by: str
