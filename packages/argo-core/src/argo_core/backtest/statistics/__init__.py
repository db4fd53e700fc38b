"""What a result is worth: each number with its definition, its source and its count."""
