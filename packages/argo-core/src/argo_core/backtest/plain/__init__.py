"""The bar backtest in plain objects: slow, readable, and what the compiled step must agree with."""
