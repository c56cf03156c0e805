"""What the answers of each view depend on (`kpitracker.lib.rest.view_tags`). The catalogue counts for all.

The day is part of each tag. Views that look at the time of day are not here: their tag is the hash of their body.
tests/kpitracker/api/test_view_tags.py compares this table with the tables that the views read.
"""

from indicators.counted_tables import FIGURES
from kpitracker.lib.rest.view_tags import CountedBy, TagRules
from targets.counted_tables import ALERTS, COMMENTS, DAYS, PLAN

_PLAN_ID = "SELECT id FROM targets_plan WHERE code = %s"
_PLAN_ID_OF_TARGET = "SELECT plan_id FROM targets_target WHERE identifier = %s"

_ALL_PLANS, _FIGURES, _ALERTS = CountedBy(PLAN), CountedBy(FIGURES), CountedBy(ALERTS)
_PLAN = CountedBy(PLAN, _PLAN_ID, "code")  # of the path
_REQUESTED_PLAN = CountedBy(PLAN, _PLAN_ID, "?plan")
_PLAN_OF_TARGET = CountedBy(PLAN, _PLAN_ID_OF_TARGET, "identifier")

PLANS: TagRules = {
    "list": (_ALL_PLANS,),
    "retrieve": (_PLAN,),
    "targets": (_PLAN,),
    "exceptions": (_PLAN,),
    "closings": (_PLAN,),
    "closing": (_PLAN,),
    "comparison": (_PLAN, _FIGURES),
    "scorecard": (_PLAN, _FIGURES, CountedBy(DAYS)),
}
TARGETS: TagRules = {
    "list": (_REQUESTED_PLAN,),
    "retrieve": (_PLAN_OF_TARGET,),
    "history": (_PLAN_OF_TARGET,),
    "amendments": (_PLAN_OF_TARGET,),
    "judgements": (_PLAN_OF_TARGET,),
    "actions": (_PLAN_OF_TARGET,),
    "status": (_PLAN_OF_TARGET, _FIGURES),
}
STATUSES: TagRules = {"list": (_REQUESTED_PLAN, CountedBy(DAYS))}
ACTIONS: TagRules = {"list": (_REQUESTED_PLAN,), "retrieve": (_ALL_PLANS,)}
ALERT_LIST: TagRules = {"list": (_ALL_PLANS, _ALERTS)}
ALERT_RULES: TagRules = {"list": (_ALL_PLANS, _ALERTS), "retrieve": (_ALL_PLANS, _ALERTS)}
COMMENT_LIST: TagRules = dict.fromkeys(("list", "retrieve"), (_ALL_PLANS, _FIGURES, _ALERTS, CountedBy(COMMENTS)))
REPORTING: TagRules = dict.fromkeys(("due", "completeness"), (_ALL_PLANS, _FIGURES))
MEASUREMENTS: TagRules = {"list": (_ALL_PLANS, _FIGURES)}
CONTRIBUTIONS: TagRules = {"retrieve": (_ALL_PLANS, _FIGURES)}
BACKTESTS: TagRules = {"retrieve": (_ALL_PLANS, _FIGURES)}
