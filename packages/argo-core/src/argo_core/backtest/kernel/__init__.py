"""The numbers of a backtest: plain loops over arrays, compiled where numba is installed."""
