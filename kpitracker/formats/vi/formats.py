"""Vietnamese formats: without these Django reads 05/11 in a form as 11 May."""

DATE_INPUT_FORMATS = ["%d/%m/%Y", "%Y-%m-%d"]
# Django's own format, "Ngày 05 tháng 11 năm 2026", is too long for the column of a list.
DATE_FORMAT = "d/m/Y"
DATETIME_FORMAT = "H:i d/m/Y"
NUMBER_GROUPING = 3
