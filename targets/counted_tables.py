"""Which version counters a change of a table raises. Tables that no counted view reads are named with the reason."""

from kpitracker.lib.db.counter_triggers import UNKNOWN_INDICATOR, CountedTable

PLAN, ALERTS, COMMENTS, DAYS = "plan", "alerts", "comments", "days"


def _of_target(column: str, target: str) -> str:
    return f"(SELECT t.{column} FROM targets_target t WHERE t.id = {target})"  # noqa: S608  # nosec B608


def _about_target(topic: str, target: str = "changed.target_id") -> CountedTable:
    return CountedTable(topic, _of_target("plan_id", target), _of_target("indicator_id", target))


_TARGET_OF_ALERT = "(SELECT a.target_id FROM targets_alert a WHERE a.id = changed.alert_id)"
_TARGET_OF_ACTION = "(SELECT a.target_id FROM targets_action a WHERE a.id = changed.action_id)"
_TARGET_OF_COMMENT = f"coalesce(changed.target_id, {_TARGET_OF_ALERT}, {_TARGET_OF_ACTION})"
_INDICATOR_OF_COMMENT = (
    f"coalesce({_of_target('indicator_id', _TARGET_OF_COMMENT)}, "  # noqa: S608  # nosec B608
    "(SELECT m.indicator_id FROM indicators_measurement m WHERE m.id = changed.measurement_id))"
)
_INDICATOR_OF_SILENCE = (
    f"coalesce({_of_target('indicator_id', 'changed.target_id')}, changed.indicator_id, "  # noqa: S608  # nosec B608
    "(SELECT r.indicator_id FROM targets_alertrule r WHERE r.id = changed.rule_id))"
)

COUNTED_TABLES = {
    "targets_plan": CountedTable(PLAN, "changed.id"),
    "targets_lockexception": CountedTable(PLAN, "changed.plan_id", "changed.indicator_id"),
    "targets_closing": CountedTable(PLAN, "changed.plan_id"),
    "targets_target": CountedTable(PLAN, "changed.plan_id", "changed.indicator_id"),
    "targets_target_cooperating": _about_target(PLAN),
    "targets_targetversion": _about_target(PLAN),
    "targets_action": _about_target(PLAN),
    "targets_assessment": _about_target(PLAN),
    "targets_statuschange": _about_target(PLAN),
    "targets_judgement": _about_target(PLAN),
    # Without an indicator it is shown to the whole organisation only.
    "targets_removedtarget": CountedTable(
        PLAN,
        "(SELECT p.id FROM targets_plan p WHERE p.code = changed.plan_code)",
        f"coalesce(changed.indicator_id, {UNKNOWN_INDICATOR})",
    ),
    # The day for which all targets were assessed is the day of each status.
    "lib_jobrun": CountedTable(DAYS, condition="changed.job = 'assess-all'"),
    "targets_alert": _about_target(ALERTS),
    "targets_delivery": _about_target(ALERTS, f"coalesce({_TARGET_OF_ALERT}, {_TARGET_OF_ACTION})"),
    "targets_alertrule": CountedTable(ALERTS, indicator_id="changed.indicator_id"),
    "targets_silence": CountedTable(ALERTS, indicator_id=_INDICATOR_OF_SILENCE),
    "targets_comment": CountedTable(COMMENTS, indicator_id=_INDICATOR_OF_COMMENT),
}

NOT_COUNTED = {"targets_webhook": "its list has a hash of the body as tag"}
