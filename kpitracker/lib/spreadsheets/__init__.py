"""CSV and XLSX files. Written files are read back as the same texts, to the last digit."""
