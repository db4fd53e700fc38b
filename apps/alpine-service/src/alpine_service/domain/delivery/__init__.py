"""Webhooks and digests: whom to tell, when to try again, when to stop."""
