"""The whole service from outside: processes, people, a publisher and those who listen."""
