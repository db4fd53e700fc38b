"""Perplexity's Sonar, as far as we use it."""
