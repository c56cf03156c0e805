"""What contributed to the growth of a target, below its URL."""

from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from kpitracker.lib import clock
from kpitracker.lib.actor import get_actor
from kpitracker.lib.errors import NotFound
from kpitracker.lib.i18n.text import text
from kpitracker.lib.rest import query_parameters
from kpitracker.lib.rest.exports import Export
from kpitracker.lib.rest.query_parameters import AS_OF, RECORDED_BY
from kpitracker.lib.rest.viewsets import ListViewSet
from targets.api.v1.tag_rules import CONTRIBUTIONS
from targets.api.v1.views.targets import VERSION_PARAMETER
from targets.domain.contributions import PartsBy
from targets.models import Target
from targets.payloads.contributions import ContributionFileRow, ContributionsPayload
from targets.services.evaluation.contributions import ContributionQuery, file_rows, find_contributions
from targets.services.evaluation.evaluate import evaluate_target

_PARTS_BY = OpenApiParameter(
    "parts_by",
    str,
    enum=[str(value) for value in PartsBy],
    description="The parts that the indicator names, or its child areas. Left out: the parts, if it names any.",
)


def _parse_parts_by(value: str | None) -> PartsBy | None:
    """Raises `ValidationProblem` (invalid-parameter)."""
    try:
        return None if value is None else PartsBy(value)
    except ValueError as error:
        names = ", ".join(PartsBy)
        raise query_parameters.invalid_parameter(
            "parts_by", text(f"One of: {names}.", f"Một trong: {names}.")
        ) from error


class TargetContributionsViewSet(ListViewSet):
    # One document; as a file its parts.
    queryset = Target.objects.for_list()
    tag_rules = CONTRIBUTIONS
    lookup_field = "identifier"
    pagination_class = None
    filterset_class = None
    write_scope = None
    query_parameters_by_action = {"retrieve": frozenset({"as_of", "recorded_by", "version", "parts_by"})}
    exports = {
        "retrieve": Export(
            ContributionFileRow, "contributions", leading_columns=("indicator", "area", "name", "name_en")
        )
    }

    @extend_schema(parameters=[AS_OF, RECORDED_BY, VERSION_PARAMETER, _PARTS_BY], responses=ContributionsPayload)
    def retrieve(self, request: Request, identifier: str) -> HttpResponseBase:
        """Read what the parts of an indicator contributed to the growth that a target is about, the largest first.

        Only for targets on a formula `yoy(x)` whose x names parts or is added up over areas; else `reason` says why
        there are none. With `format=csv` or `format=xlsx`: the parts and what is not explained.
        """
        target = self.get_queryset().filter(identifier=identifier).first()
        if target is None:
            raise NotFound()
        query = ContributionQuery(
            by=get_actor(request),
            as_of=query_parameters.as_of_parameter(request),
            today=clock.today(),
            recorded_by=query_parameters.datetime_parameter(request, "recorded_by"),
            parts_by=_parse_parts_by(request.query_params.get("parts_by")),
        )
        evaluation = evaluate_target(
            target=target,
            as_of=query.as_of,
            today=query.today,
            version=request.query_params.get("version"),
            recorded_by=query.recorded_by,
        )
        contributions = find_contributions(evaluation, query)
        return self.file_response(file_rows(contributions)) if self.wants_file else Response(contributions)
