"""A process beside another on one record: it stands by, publishes, and stands by again."""
