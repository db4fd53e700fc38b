"""Massive, formerly Polygon.io: bulk snapshots and minute aggregates."""
