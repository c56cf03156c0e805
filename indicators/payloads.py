"""The JSON payloads of figures, series and imports. One TypedDict gives the type and the OpenAPI schema."""

from typing import Annotated, NotRequired, TypedDict

from indicators.models.approval import APPROVAL_STATES
from indicators.models.import_ import IMPORT_STATES
from kpitracker.lib.actor import Scope
from kpitracker.lib.json_types import (
    Coordinates,
    DateText,
    DecimalText,
    JsonObject,
    PeriodCode,
    PublishedText,
    TimestampText,
    described,
    one_of,
)
from kpitracker.lib.problem_types import WARNINGS

QuietFlag = Annotated[bool, described("True: no one is notified of it.")]


class WarningPayload(TypedDict):
    slug: Annotated[str, described(f"One of {', '.join(sorted(WARNINGS))}; later versions may add others.")]
    detail: str
    pointer: NotRequired[Annotated[str, described("The field that it is about, as a JSON pointer.")]]


class AreaGeometryPayload(TypedDict):
    """A GeoJSON Polygon or MultiPolygon in WGS 84: longitude, then latitude, each with at most seven decimals."""

    type: Annotated[str, one_of(["Polygon", "MultiPolygon"])]
    coordinates: Coordinates


class SumCompletenessPayload(TypedDict):
    """How many areas of a sum have reported; lists at most twenty of the missing areas."""

    reported: int
    expected: int
    missing: list[str]


ForecastFlag = Annotated[
    bool, described("By its stage, or published more than 31 days before its period ends: no target is judged by it.")
]


class MeasurementPayload(TypedDict):
    """One revision of a figure; by default the revision in force."""

    id: str
    indicator: str
    area: str
    period: PeriodCode
    value: DecimalText | None
    missing_reason: str | None
    qualifier: str
    stage: str
    is_forecast: ForecastFlag
    published: PublishedText
    recorded_at: TimestampText
    source: str
    note: str
    department: str | None
    revision: int
    current: bool
    warnings: list[WarningPayload]


class FileContextPayload(TypedDict):
    """Columns that files have beside those of the list, so that a sheet needs no other file to be read or plotted."""

    indicator_name: str
    indicator_name_en: str
    unit: str
    unit_en: str
    period_start: DateText
    period_end: DateText


class FigureResultPayload(MeasurementPayload):
    """The result of posting a figure."""

    outcome: Annotated[str, one_of(("created", "revised", "unchanged"))]
    quiet: QuietFlag
    previous: NotRequired[MeasurementPayload]


class PreviousRevisionPayload(TypedDict):
    """The revision that was in force before."""

    revision: int
    value: DecimalText | None
    missing_reason: str | None
    stage: str
    published: PublishedText


class RevisionPayload(MeasurementPayload):
    """One revision of a figure."""

    quiet: QuietFlag
    posted_by: Annotated[str | None, described("Shown to the department that posted it, those above it, and `admin`.")]
    approval: Annotated[
        str, one_of(("valid", *(state for state, _ in APPROVAL_STATES))), described("`valid`: none was needed.")
    ]
    decided_at: TimestampText | None
    previous: PreviousRevisionPayload | None


class SeriesPointPayload(TypedDict):
    period: PeriodCode
    area: str
    value: DecimalText | None
    qualifier: str | None
    stage: str | None
    is_forecast: ForecastFlag
    published: PublishedText | None
    revision: int | None
    revisions: int | None
    computed: bool
    basis: Annotated[
        str | None,
        described(
            "Why the value is a sum. sum: over the child areas; before-merge: together with areas that merged into it later. "
            "Null: it is none."
        ),
    ]
    completeness: SumCompletenessPayload | None
    warnings: list[WarningPayload]


class SeriesFileRow(SeriesPointPayload):
    """A row of a file: the list is of one indicator, which its path names."""

    indicator: str


class BatchErrorPayload(TypedDict):
    row: int
    pointer: str
    slug: str
    detail: str
    indicator: str
    period: str


# `import` is a keyword of Python, so it cannot be the name of an attribute.
_StoredImport = TypedDict(
    "_StoredImport", {"import": NotRequired[Annotated[str | None, described("Id of the import; null in a dry run.")]]}
)


class BatchCounts(TypedDict):
    """created + revised + unchanged + rejected = rows."""

    rows: int
    created: int
    revised: int
    unchanged: int
    rejected: int
    warnings: int


class StoredCountPayload(TypedDict):
    """created + revised, or 0 where one wrong row keeps all others out: of a real run, or of a dry run."""

    stored: NotRequired[Annotated[int, described("How many revisions were stored. Not in a dry run.")]]
    would_be_stored: NotRequired[
        Annotated[int, described("Of a dry run: how many revisions the real run would store.")]
    ]


class BatchReportPayload(BatchCounts, StoredCountPayload, _StoredImport):
    """created + revised + unchanged + rejected = rows."""

    dry_run: bool
    atomic: bool
    quiet: QuietFlag
    errors: list[BatchErrorPayload]
    row_warnings: Annotated[list[BatchErrorPayload], described("The first 1,000 warnings: of which row, and why.")]
    results: NotRequired[Annotated[list[JsonObject], described("With `verbose`: one result for each row.")]]


class ImportReportPayload(StoredCountPayload):
    """created + revised + unchanged + rejected = rows. Null: the rows are not counted yet."""

    rows: int | None
    created: int
    revised: int
    unchanged: int
    rejected: int
    warnings: int


class UndoResultPayload(TypedDict):
    """How many figures an undo withdrew, and which it could not withdraw."""

    withdrawn: int
    not_undone: int
    quiet: QuietFlag
    errors: list[BatchErrorPayload]


class ImportPayload(TypedDict):
    id: str
    created_at: TimestampText
    finished_at: TimestampText | None
    department: str | None
    format: str
    file_name: str
    atomic: bool
    dry_run: bool
    quiet: QuietFlag
    state: Annotated[str, one_of(IMPORT_STATES)]
    rows_done: int
    rows_total: int | None
    report: ImportReportPayload
    problem: JsonObject | None
    undo: UndoResultPayload | None
    errors: NotRequired[list[BatchErrorPayload]]


class ApiKeyPayload(TypedDict):
    prefix: str
    name: str
    department: Annotated[str | None, described("Null: the whole organisation.")]
    scopes: list[Annotated[str, one_of(Scope)]]
    rate: Annotated[int, described("Requests a minute; 0: no limit.")]
    expires: TimestampText | None
    addresses: Annotated[list[str], described("Empty: anywhere.")]
    created_at: TimestampText
    last_used_at: TimestampText | None
    revoked_at: TimestampText | None
    exposed_at: TimestampText | None
    replaces: Annotated[str | None, described("Prefix of the key before this one.")]
    warnings: list[WarningPayload]


class IssuedKeyPayload(ApiKeyPayload):
    secret: Annotated[str | None, described("The whole key, shown now and never again, not even to a retry.")]


class MePayload(TypedDict):
    department: Annotated[str | None, described("Null: the whole organisation.")]
    scopes: list[str]
    prefix: str
    name: str
    rate: Annotated[int, described("Requests a minute; 0: no limit.")]
    expires: TimestampText | None
    addresses: Annotated[list[str], described("Where it may be used; empty: anywhere.")]
    warnings: Annotated[list[WarningPayload], described("What the owner of the key should check.")]
