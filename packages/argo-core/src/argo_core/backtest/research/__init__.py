"""Whether a backtest can be believed: look-ahead, benchmarks, trials counted, sweeps, walks."""
