from indicators.models.account_email import AccountEmail
from indicators.models.api_key import ApiKey
from indicators.models.approval import Approval
from indicators.models.area import Area
from indicators.models.area_shape import AreaShape
from indicators.models.contact import Contact
from indicators.models.department import Department
from indicators.models.duty import ReportingDuty
from indicators.models.holiday import Holiday
from indicators.models.import_ import Import, ImportProblem
from indicators.models.indicator import CheckInput, FormulaInput, Indicator, IndicatorPart
from indicators.models.measurement import Measurement, Revision, SeriesChange
from indicators.models.staging import StagedFigure, StagedRevision, StagedSlice
from indicators.models.user import User

__all__ = [
    "AccountEmail",
    "ApiKey",
    "Approval",
    "Area",
    "AreaShape",
    "CheckInput",
    "Contact",
    "Department",
    "FormulaInput",
    "Holiday",
    "Import",
    "ImportProblem",
    "Indicator",
    "IndicatorPart",
    "Measurement",
    "ReportingDuty",
    "Revision",
    "SeriesChange",
    "StagedFigure",
    "StagedRevision",
    "StagedSlice",
    "User",
]
