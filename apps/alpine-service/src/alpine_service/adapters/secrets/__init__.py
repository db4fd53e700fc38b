"""Signatures, passwords, sealed secrets and chance."""
