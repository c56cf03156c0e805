from targets.models.action import Action
from targets.models.alert import Alert, Delivery
from targets.models.assessment import Assessment, StatusChange
from targets.models.closing import Closing
from targets.models.comment import Comment
from targets.models.judgement import Judgement
from targets.models.plan import LockException, Plan
from targets.models.removed_target import RemovedTarget
from targets.models.rule import AlertRule
from targets.models.silence import Silence
from targets.models.target import Target, TargetVersion
from targets.models.webhook import Webhook

__all__ = [
    "Action",
    "Alert",
    "AlertRule",
    "Assessment",
    "Closing",
    "Comment",
    "Delivery",
    "Judgement",
    "LockException",
    "Plan",
    "RemovedTarget",
    "Silence",
    "StatusChange",
    "Target",
    "TargetVersion",
    "Webhook",
]
