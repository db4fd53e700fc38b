"""Everything plugged together, by hand, one room a module."""
