"""Who watches: metrics, one log line per event, and several observers at once."""
