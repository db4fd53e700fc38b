"""History that can be played again: tapes of bars and the path of prices inside them."""
