"""Argo's pure domain: no clock, no chance, no I/O, no environment; time is an argument."""
