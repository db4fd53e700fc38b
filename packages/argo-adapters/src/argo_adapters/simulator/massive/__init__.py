"""Massive, formerly Polygon.io, as far as we use it."""
