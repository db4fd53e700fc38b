"""How one colour takes over from the other."""
