"""What staff see and do: accounts, the reading of the log, deliveries, the trail, the design."""
