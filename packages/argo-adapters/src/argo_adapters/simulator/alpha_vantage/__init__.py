"""Alpha Vantage, as far as we use it."""
