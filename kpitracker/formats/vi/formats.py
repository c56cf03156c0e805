"""Vietnamese forms: without these, Django reads 05/11 typed in a form as 11 May."""

DATE_INPUT_FORMATS = ["%d/%m/%Y", "%Y-%m-%d"]
# Django writes "Ngày 05 tháng 11 năm 2026", of which no column of a list has room.
DATE_FORMAT = "d/m/Y"
DATETIME_FORMAT = "H:i d/m/Y"
NUMBER_GROUPING = 3
