"""Units as readers see them: their language, and one sign for percent."""

from indicators.domain.choices import PERCENT_UNITS
from kpitracker.lib.i18n.text import translate, translate_name


def rank_word() -> str:
    """What stands in front of every rank."""
    return translate("rank", "hạng")


def unit_in_words(unit: str, unit_en: str) -> str:
    """The unit in the active language, in the other where it is missing; % for every way to write percent."""
    if (unit or unit_en) in PERCENT_UNITS:
        return "%"
    return translate_name(unit, unit_en)
