"""The machine's clock, and one that plays a recording."""
