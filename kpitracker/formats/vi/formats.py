"""Vietnamese forms: without these, Django reads 05/11 typed in a form as 11 May."""

DATE_INPUT_FORMATS = ["%d/%m/%Y", "%Y-%m-%d"]
NUMBER_GROUPING = 3
