"""Stand-ins for tests: fakes, a log that can lie, servers that forget."""
