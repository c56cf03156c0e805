"""Base view sets of the API: strict parameters, ETags, idempotency, exports."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, ClassVar, cast

from django.db import models, transaction
from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from rest_framework import status
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import GenericViewSet

from kpitracker.lib import crud
from kpitracker.lib.actor import Actor, Scope, get_actor
from kpitracker.lib.errors import NotFound
from kpitracker.lib.rest import etags, exports, idempotency, pagination, query_parameters, view_tags
from kpitracker.lib.rest.exports import Export
from kpitracker.lib.rest.filters import filter_rules, view_filters
from kpitracker.lib.rest.metadata import JsonOptionsMixin
from kpitracker.lib.rest.warm_answers import keep_answer, warm_answers


def idempotency_owner(by: Actor) -> str:
    """The owner of Idempotency-Keys: no caller can replay responses of another department."""
    return "organisation" if by.department is None else f"department {by.department}"


class ApiViewSet(JsonOptionsMixin, GenericViewSet[Any]):
    # No docstring here and below: drf-spectacular would print it with every operation.
    # The permitted query parameters by action. All others are refused before anything else is done.
    query_parameters_by_action: ClassVar[dict[str, frozenset[str]]] = {}
    # Of these, texts that an object may lack: an empty value asks for those without one.
    optional_texts: ClassVar[frozenset[str]] = frozenset()
    ordering = ""
    # Value of `?ordering=` -> model field. A UUIDv7 key stands for the time of creation.
    ordering_columns: ClassVar[dict[str, str]] = {}
    tie_breaker = "pk"
    read_scopes: tuple[Scope, ...] = (Scope.READ,)
    write_scope: Scope | None = None
    write_scopes: tuple[Scope, ...] = ()  # instead of `write_scope`: one of these is enough
    creates_with_put = False  # a PUT where nothing is stored needs no If-Match
    lookup_value_regex = "[^/]+"
    secret_fields: ClassVar[frozenset[str]] = frozenset()
    # By action, what its answers depend on: their tags are known before any other work.
    tag_rules: ClassVar[view_tags.TagRules] = {}

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        # Authenticate first: every request of a known key counts for its rate limit.
        self.perform_authentication(request)
        super().initial(request, *args, **kwargs)
        if (rules := view_tags.find_rules(self)) is not None and self._answer_by_tag(request, rules):
            return
        query_parameters.check_parameters(request, self.known_parameters(), self.parameter_rules())
        if request.method == "POST" and (handler := getattr(self, "post", None)):
            # Wraps the handler that is called next: only a permitted request may get a stored response.
            self.post = partial(self._run_once, handler)

    def _answer_by_tag(self, request: Request, rules: Sequence[view_tags.CountedBy]) -> bool:
        """Replace the handler that is called next. Returns whether the answer is complete without it."""
        tag = view_tags.make_tag(request, rules, self.tag_facts())
        view = cast("Any", self)  # `get` and `head` are set with each request
        if response := view_tags.not_modified(request, tag):
            # Only a valid request was answered with this tag.
            view.get = view.head = lambda *_, **__: response
            return True
        if answer := warm_answers.get(tag):
            view.get = view.head = lambda *_, **__: answer.to_response()
            return True
        handler = view.get

        def handle(*args: object, **kwargs: object) -> HttpResponseBase:
            response: HttpResponseBase = handler(*args, **kwargs)
            if view_tags.set_tag(request, response, tag) and isinstance(response, Response):
                response.add_post_render_callback(partial(keep_answer, tag))
            return response

        view.get = view.head = handle
        return False

    def tag_facts(self) -> Sequence[object]:
        """What the answer depends on beside the rows that `tag_rules` count."""
        return ()

    def _run_once(self, handler: Callable[..., Response], request: Request, *args: object, **kwargs: object) -> Any:
        run_handler = partial(handler, request, *args, **kwargs)
        if self.is_dry_run(request):
            return run_handler()
        return idempotency.replay_or_run(
            request, idempotency_owner(get_actor(request)), run_handler, self.secret_fields
        )

    def is_dry_run(self, request: Request) -> bool:
        """Whether the request stores nothing. Its Idempotency-Key is neither stored nor read: it belongs to the real run."""
        return "dry_run" in self.known_parameters() and request.query_params.get("dry_run") == "true"

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().visible_to(get_actor(self.request))  # type: ignore[attr-defined, no-any-return]

    def known_parameters(self) -> frozenset[str]:
        names = self.query_parameters_by_action.get(self.action or "", frozenset())
        if self.request.method in ("GET", "HEAD"):
            names |= {"format"}
        else:
            # Several actions answer GET as a list and take a POST.
            names -= pagination.PARAMETERS
        if self.action == "list":
            names |= view_filters(self).keys() | pagination.PARAMETERS
        # A file always holds the whole list: a page would be mistaken for it.
        return names - {"cursor", "page_size"} if self.wants_file else names

    def parameter_rules(self) -> query_parameters.ParameterRules:
        rules = filter_rules(self)
        return rules._replace(may_be_empty=rules.may_be_empty | self.optional_texts)

    @property
    def wants_file(self) -> bool:
        return isinstance(getattr(self.request, "accepted_renderer", None), exports.FileRenderer)

    def validated_body(self, *, partial: bool = False) -> dict[str, Any]:
        serializer = self.get_serializer(data=self.request.data, partial=partial)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)


# Inside a class with a method `list` the name does not mean the type.
RendererList = list[BaseRenderer]


class ListViewSet(ApiViewSet):
    # The file export of each list action; every list has one.
    exports: ClassVar[dict[str, Export]] = {}

    def list(self, request: Request, *args: object, **kwargs: object) -> HttpResponseBase:
        return self.list_response(self.filter_queryset(self.get_queryset()), self.rows)

    def list_response(self, queryset: QuerySet[Any], rows: Callable[[Any], Iterable[object]]) -> HttpResponseBase:
        """The requested page, or the whole list as a file."""
        if self.wants_file:
            all_rows = pagination.KeysetPagination().all_rows(queryset, self.request, self)
            return self.file_response(row for chunk in exports.iter_chunks(all_rows) for row in rows(chunk))
        return self.get_paginated_response(rows(self.paginate_queryset(queryset) or []))

    def file_response(self, rows: Iterable[object]) -> HttpResponseBase:
        return exports.export_response(
            self.request, cast("Any", self.request).accepted_renderer, self.exports[self.action], rows
        )

    def get_renderers(self) -> RendererList:
        method = self.request.method if self.request else None
        renderers = super().get_renderers()
        has_files = method in ("GET", "HEAD") and self.action in self.exports
        return [*renderers, *(renderer() for renderer in exports.RENDERERS)] if has_files else renderers

    def rows(self, page: Any) -> Iterable[object]:
        rows: list[object] = self.get_serializer(page, many=True).data
        return rows


class EditableViewSet(ListViewSet):
    # List, create, retrieve, update and delete of an object, addressed by its code. Every change needs the ETag of the
    # row version that was read; the row stays locked from the check to the write.
    lookup_field = tie_breaker = "code"
    filterset_class: Any = None

    def create_row(self, data: dict[str, Any]) -> models.Model:
        raise NotImplementedError

    def update_row(self, row: Any, data: dict[str, Any]) -> models.Model:
        raise NotImplementedError

    def delete_row(self, row: Any) -> None:
        raise NotImplementedError

    def retrieve(self, request: Request, *args: object, **kwargs: object) -> Response:
        return self.object_response(self.get_object())

    def create(self, request: Request, *args: object, **kwargs: object) -> Response:
        return self.object_response(self.create_row(self.validated_body()), status.HTTP_201_CREATED)

    def update(self, request: Request, *args: object, partial: bool = False, **kwargs: object) -> Response:
        data = self.validated_body(partial=partial)
        with transaction.atomic():
            row = self.locked_row()
            return self.object_response(self.update_row(row, data))

    def partial_update(self, request: Request, *args: object, **kwargs: object) -> Response:
        return self.update(request, *args, partial=True, **kwargs)

    def destroy(self, request: Request, *args: object, **kwargs: object) -> Response:
        with transaction.atomic():
            self.delete_row(self.locked_row())
        return Response(status=status.HTTP_204_NO_CONTENT)

    def get_object(self) -> Any:
        return self.get_row(self.get_queryset())

    def get_row(self, queryset: QuerySet[Any]) -> Any:
        try:
            return queryset.get(**{self.lookup_field: self.kwargs[self.lookup_field]})
        except queryset.model.DoesNotExist as error:
            raise NotFound() from error

    def locked_row(self) -> Any:
        queryset = self.get_queryset()
        crud.lock_structure(queryset.model)
        row = self.get_row(queryset.select_for_update(of=("self",)))
        etags.check_if_match(self.request, row)
        return row

    def object_response(self, row: Any, status: int = 200) -> Response:
        serializer: BaseSerializer[Any] = self.get_serializer(row)
        return Response(serializer.data, status=status, headers={"ETag": etags.etag_for(row)})
