"""Traces: to a collector, to the console, or none, and then nothing of it is imported."""
