"""What Alpine knows and decides: pure, without clock, chance or I/O."""
