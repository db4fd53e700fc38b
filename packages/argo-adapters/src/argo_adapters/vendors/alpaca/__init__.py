"""Alpaca's market data: bulk snapshots and minute bars of stocks and crypto."""
