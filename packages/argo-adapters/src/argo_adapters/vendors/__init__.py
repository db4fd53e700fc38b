"""One module per vendor; none of them knows another."""
