"""What processes share, on Redis or Valkey, behind one link that never makes anybody wait."""
