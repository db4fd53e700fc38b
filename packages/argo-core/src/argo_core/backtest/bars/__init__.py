"""Backtests on bars: what was known at each close is acted upon at the next open."""
