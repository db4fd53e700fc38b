"""Signals, strategies and outcomes as subscribers see them, and the events that tell of them."""
