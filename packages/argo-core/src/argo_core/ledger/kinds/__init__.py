"""What each kind of entry must say, may say and may not."""
