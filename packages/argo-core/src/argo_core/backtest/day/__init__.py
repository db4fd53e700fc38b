"""A recorded day once more: the live engine's own code, without a network and without waiting."""
