"""Witnesses: somebody independent who cosigns checkpoints, over HTTP."""
