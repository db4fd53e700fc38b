"""Alpha Vantage: bulk quotes, crypto rates and news sentiment."""
