"""Alpaca's market data, as far as we use it."""
