"""Yahoo's prices, a last resort: unofficial, one request for each symbol, a few a minute."""
