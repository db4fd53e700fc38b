"""The live log against the backtest of the same day from its recording."""
