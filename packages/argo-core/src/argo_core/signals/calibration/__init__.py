"""From how strongly a source spoke to how probable it is that the price rises."""
