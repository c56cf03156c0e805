"""URLs of this app, all with a trailing slash; a middleware also serves them without it."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from indicators.api.v1 import views
from indicators.api.v1.batches import BatchViewSet
from indicators.api.v1.contacts import ContactViewSet
from indicators.api.v1.figures import MeasurementDetailViewSet
from indicators.api.v1.geometry import AreaGeometryViewSet
from indicators.api.v1.holidays import HolidayViewSet
from indicators.api.v1.imports import ImportErrorViewSet, ImportViewSet
from indicators.api.v1.keys import ApiKeyViewSet
from indicators.api.v1.me import MeViewSet

router = SimpleRouter()
router.register("areas", views.AreaViewSet, "area")
router.register("departments", views.DepartmentViewSet, "department")
router.register("indicators", views.IndicatorViewSet, "indicator")
router.register("imports", ImportViewSet, "import")
router.register("holidays", HolidayViewSet, "holiday")
router.register("contacts", ContactViewSet, "contact")
router.register("keys", ApiKeyViewSet, "key")
router.register("reporting/duties", views.ReportingDutyViewSet, "duty")

urlpatterns = [
    path("me/", MeViewSet.as_view({"get": "retrieve"}), name="me"),
    path(
        "areas/<str:code>/geometry/",
        AreaGeometryViewSet.as_view({"get": "retrieve", "put": "update", "delete": "destroy"}),
        name="area-geometry",
    ),
    path("measurements/batch/", BatchViewSet.as_view({"post": "create"}), name="batch"),
    path("imports/<pk>/errors/", ImportErrorViewSet.as_view({"get": "list"}), name="import-errors"),
    path("measurements/<uuid:pk>/", MeasurementDetailViewSet.as_view({"get": "retrieve"}), name="figure"),
    path(
        "measurements/<uuid:pk>/history/", MeasurementDetailViewSet.as_view({"get": "history"}), name="figure-history"
    ),
    path(
        "measurements/<uuid:pk>/withdraw/",
        MeasurementDetailViewSet.as_view({"post": "withdraw"}),
        name="figure-withdraw",
    ),
    *router.urls,
]
