"""Bars for backtests read from files, and results of backtests written to them."""
