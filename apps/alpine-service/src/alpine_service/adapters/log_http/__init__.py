"""The log, read over HTTP."""
