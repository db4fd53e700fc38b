"""Strategies that can be run on bars."""
