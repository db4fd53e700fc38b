"""A soak: recorded market played fast, all fails on schedule, what must hold is checked."""
