"""The signal log on SQLite: append-only by trigger, one writer, verified as a whole."""
