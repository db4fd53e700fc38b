"""The signal board: what stands now, live; and the record of all that was said."""
