"""Backtests that are asked for over the API or on the command line, and what becomes of them."""
