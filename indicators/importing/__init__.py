"""Figures as they come in: JSON, NDJSON, CSV or XLSX, read row by row into rows of a batch."""
