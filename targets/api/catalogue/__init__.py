"""The catalogue as a workbook: areas, departments, indicators, duties, plans, targets."""
