"""Values to bytes and plain data, and back."""
