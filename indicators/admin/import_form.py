"""The form for uploading a file of figures, in the look of the admin."""

from unfold.widgets import UnfoldAdminRadioSelectWidget, UnfoldAdminTextInputWidget

from indicators.admin.figure_form import quiet_field
from indicators.importing.file_form import FORMATS_BY_SUFFIX, FigureFileFields
from kpitracker.lib.admin.widgets import UploadWidget


class FigureFileForm(FigureFileFields):
    quiet = quiet_field()

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["file"].widget = UploadWidget(attrs={"accept": ",".join(FORMATS_BY_SUFFIX)})
        self.fields["sheet"].widget = UnfoldAdminTextInputWidget()
        for name in ("locale", "mode"):
            self.fields[name].widget = UnfoldAdminRadioSelectWidget(choices=self.fields[name].choices)  # type: ignore[attr-defined]
