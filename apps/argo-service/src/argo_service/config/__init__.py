"""Settings as values, and where each came from."""
