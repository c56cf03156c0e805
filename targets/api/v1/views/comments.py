"""Comments on targets, figures, alerts and actions."""

from collections.abc import Mapping, Sequence

from django.core.exceptions import ValidationError
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from kpitracker.lib import clock
from kpitracker.lib.actor import get_actor
from kpitracker.lib.errors import NotFound
from kpitracker.lib.rest.exports import Export
from kpitracker.lib.rest.viewsets import ListViewSet
from targets.api.v1 import filters
from targets.api.v1.schemas import representation, serializers
from targets.api.v1.tag_rules import COMMENT_LIST
from targets.models import Comment
from targets.payloads.targets import CommentPayload
from targets.services.planning import comments


@extend_schema_view(
    list=extend_schema(responses=list[CommentPayload]),
    retrieve=extend_schema(responses=CommentPayload),
    create=extend_schema(responses={201: CommentPayload}),
)
class CommentViewSet(ListViewSet):
    """Comments are never changed. The text of a withdrawn comment is empty."""

    queryset = Comment.objects.select_related("target")
    tag_rules = COMMENT_LIST
    serializer_class = serializers.CommentSerializer
    filterset_class = filters.CommentFilters
    exports = {"list": Export(CommentPayload, "comments")}
    write_scopes = comments.COMMENT_SCOPES
    ordering, ordering_columns = "created_at", {"created_at": "pk"}
    lookup_value_regex = "[0-9a-f-]{36}"

    def rows(self, page: Sequence[Comment]) -> Sequence[Mapping[str, object]]:
        return [representation.comment_row(comment) for comment in page]

    def retrieve(self, request: Request, *args: object, **kwargs: object) -> Response:
        return Response(representation.comment_row(self.get_comment()))

    def create(self, request: Request, *args: object, **kwargs: object) -> Response:
        comment = comments.create_comment(by=get_actor(request), now=clock.now(), **self.validated_body())
        return Response(representation.comment_row(comment), status=201)

    @extend_schema(request=None, responses=CommentPayload)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Withdraw the text of a comment. The audit log keeps it."""
        row = comments.withdraw_comment(comment=self.get_comment(), by=get_actor(request), now=clock.now())
        return Response(representation.comment_row(row))

    def get_comment(self) -> Comment:
        try:
            comment: Comment = self.get_queryset().get(pk=self.kwargs["pk"])
        except (Comment.DoesNotExist, ValidationError) as error:
            raise NotFound() from error
        return comment
