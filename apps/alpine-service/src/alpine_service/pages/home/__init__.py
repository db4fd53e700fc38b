"""The page for whoever comes for the first time."""
