"""Strategies as they were registered, before they decided anything."""
