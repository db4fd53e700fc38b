"""Webhooks sent to addresses that others chose."""
