"""One colour takes over from the other: the traffic, and the right to publish."""
