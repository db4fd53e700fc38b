"""Tapes as files: the shipped ones, and cutting new ones from anybody's minute bars."""
