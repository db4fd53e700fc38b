"""How good each source was, read from a log and kept up to date."""
