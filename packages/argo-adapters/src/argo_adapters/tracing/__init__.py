"""Pieces of work as spans of OpenTelemetry; only who traces imports any of this."""
