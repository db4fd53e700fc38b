"""Alpaca's trading side: an exchange, one account on it, and the ways both can misbehave."""
