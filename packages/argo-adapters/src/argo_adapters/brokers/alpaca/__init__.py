"""Alpaca as a broker, through its own client alpaca-py, which is an extra."""
