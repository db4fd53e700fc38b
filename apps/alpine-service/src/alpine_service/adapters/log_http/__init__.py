"""The log over HTTP, bounded in every direction."""
