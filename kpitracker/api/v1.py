"""All URLs of version 1 of the API."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from kpitracker.api.audit import AuditViewSet
from kpitracker.api.docs import DocsView, SchemaView
from kpitracker.api.measurements import PlanMeasurementViewSet
from kpitracker.api.resources import ResourcesViewSet

router = SimpleRouter()
router.register("audit", AuditViewSet, "audit")
router.register("measurements", PlanMeasurementViewSet, "measurement")

app_name = "v1"
urlpatterns = [
    path("", ResourcesViewSet.as_view({"get": "retrieve"}), name="resources"),
    path("schema/", SchemaView.as_view(), name="schema"),
    path("docs/", DocsView.as_view(url_name="v1:schema"), name="docs"),
    path("", include("indicators.api.v1.urls")),
    path("", include(router.urls)),
    path("", include("targets.api.v1.urls")),
]
