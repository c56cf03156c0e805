"""The table of contents of version 1."""

from django.urls import include, path

from kpitracker.api.docs import DocsView, SchemaView

app_name = "v1"
urlpatterns = [
    path("schema/", SchemaView.as_view(), name="schema"),
    path("docs/", DocsView.as_view(url_name="v1:schema"), name="docs"),
    path("", include("indicators.api.v1.urls")),
    path("", include("targets.api.v1.urls")),
]
