"""Files for and from spreadsheet programs: what is written here reads back as the same texts, to the last digit."""
