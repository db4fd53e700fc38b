"""Charts of a report, drawn with matplotlib."""
