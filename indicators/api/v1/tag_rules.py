"""What the answers of each view depend on (`kpitracker.lib.rest.view_tags`). The catalogue counts for all.

The day is part of each tag. Views that look at the time of day are not here: their tag is the hash of their body.
tests/kpitracker/api/test_view_tags.py compares this table with the tables that the views read.
"""

from indicators.counted_tables import CATALOGUE, FIGURES
from kpitracker.lib.rest.view_tags import CountedBy, TagRules

_CATALOGUE, _FIGURES = CountedBy(CATALOGUE), CountedBy(FIGURES)

CATALOGUE_OBJECTS: TagRules = {"list": (_CATALOGUE,), "retrieve": (_CATALOGUE,)}
INDICATORS: TagRules = {**CATALOGUE_OBJECTS, "series": (_FIGURES,)}
FIGURE: TagRules = {"retrieve": (_FIGURES,), "history": (_FIGURES,)}
ME: TagRules = {"retrieve": (_CATALOGUE,)}
