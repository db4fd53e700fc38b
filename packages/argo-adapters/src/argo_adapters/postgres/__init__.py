"""The signal log on PostgreSQL: two roles, append-only by trigger and by grant, one writer."""
