"""Webhooks, as their owners see and change them, and what became of each delivery."""
