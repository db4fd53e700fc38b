"""Pure, versioned functions from what a vendor said to a strength in [-1, 1]."""
