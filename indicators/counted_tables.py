"""Which version counters a change of a table raises. Tables that no counted view reads are named with the reason."""

from kpitracker.lib.db.counter_triggers import CountedTable

CATALOGUE, FIGURES, PEOPLE = "catalogue", "figures", "people"

# Restricted indicators and all that are computed from them, as `IndicatorQuerySet.hidden_from` without its caller.
HIDDEN_INDICATORS = (
    "SELECT id FROM indicators_indicator WHERE restricted UNION "
    "SELECT indicators_formulainput.indicator_id FROM indicators_formulainput JOIN hidden ON input_id = hidden.id"
)

_INDICATOR_OF_REVISION = (
    "(SELECT m.indicator_id FROM indicators_revision r JOIN indicators_measurement m ON m.id = r.measurement_id "
    "WHERE r.id = changed.revision_id)"
)
_INDICATOR_OF_MEASUREMENT = "(SELECT m.indicator_id FROM indicators_measurement m WHERE m.id = changed.measurement_id)"


def _about_indicator(column: str) -> CountedTable:
    return CountedTable(CATALOGUE, indicator_id=f"changed.{column}", keeps_indicator=True)


def _about_figure(indicator: str) -> CountedTable:
    return CountedTable(FIGURES, object_id=indicator, indicator_id=indicator)


COUNTED_TABLES = {
    "indicators_area": CountedTable(CATALOGUE),
    "indicators_areashape": CountedTable(CATALOGUE),
    "indicators_department": CountedTable(CATALOGUE),
    "indicators_holiday": CountedTable(CATALOGUE),
    "indicators_indicator": _about_indicator("id"),
    "indicators_formulainput": _about_indicator("indicator_id"),
    "indicators_checkinput": _about_indicator("indicator_id"),
    # Seen only by those who see the part.
    "indicators_indicatorpart": _about_indicator("part_id"),
    "indicators_reportingduty": _about_indicator("indicator_id"),
    "indicators_measurement": _about_figure("changed.indicator_id"),
    "indicators_revision": _about_figure(_INDICATOR_OF_MEASUREMENT),
    "indicators_approval": _about_figure(_INDICATOR_OF_REVISION),
    "indicators_user": CountedTable(PEOPLE),
    "indicators_contact": CountedTable(PEOPLE),
}

NOT_COUNTED = {
    "indicators_accountemail": "not in the API",
    "indicators_apikey": "read with each request; its last use changes all the time",
    "indicators_import": "its lists have a hash of the body as tag",
    "indicators_importproblem": "its lists have a hash of the body as tag",
    "indicators_serieschange": "marks for the sweep, which no one sees",
    "indicators_stagedfigure": "rows of an import that is not stored yet",
    "indicators_stagedrevision": "rows of an import that is not stored yet",
    "indicators_stagedslice": "rows of an import that is not stored yet",
    "indicators_user_groups": "not used",
    "indicators_user_user_permissions": "not used",
}
