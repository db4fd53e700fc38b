"""One signal: what it says, why, when what happened to it, and the proof."""
