"""Keys that sign, and the files they rest in."""
