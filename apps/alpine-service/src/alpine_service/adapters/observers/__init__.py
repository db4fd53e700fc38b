"""Whoever watches: a log of lines, metrics, several at once."""
