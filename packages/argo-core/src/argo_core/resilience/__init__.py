"""Asking vendors no more often than it matters, and surviving when they fail."""
